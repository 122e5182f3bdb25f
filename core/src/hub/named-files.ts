import { loadRules } from '../access/create-access-control.js';
import { PskKeys } from '../access/psk-keys.js';
import type { GatewayDefinition } from '../gateway/contract.js';
import { readDtlsFiles } from '../listeners/dtls/dtls-files.js';
import type { DtlsListenerConfig, ListenerConfig } from '../listeners/listener-config.js';
import { SecureContexts } from '../listeners/tls/secure-contexts.js';
import type { TlsConfig } from '../listeners/tls/tls-config.js';
import { PorticoError } from '../runtime/errors.js';
import { type GatewayConfig, zoneConfig } from './gateway-config.js';
import type { HubConfig } from './hub.js';

/** The sections of the configuration that name files. */
type NamingFiles = Pick<HubConfig, 'access' | 'gateways'>;

/**
 * Reads every file that a hub with this configuration would read at its start (access rules, pre-shared keys,
 * certificates, private keys, authorities, revocation lists), forgets them again, and has the gateways look at those
 * that they name themselves. No port is opened.
 * @param gateways all there are
 * @returns why the hub would not start: the first fault of each section that names files
 */
export async function namedFileFaults(
  config: NamingFiles,
  gateways: readonly GatewayDefinition[],
): Promise<readonly PorticoError[]> {
  const faults = new Map<string, PorticoError>();
  for (const read of readings(config, gateways)) {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof PorticoError)) throw error;
      faults.set(error.message, error);
    }
  }
  return [...faults.values()];
}

type Reading = () => Promise<unknown> | unknown;

function* readings(
  { access, gateways }: NamingFiles,
  definitions: readonly GatewayDefinition[],
): Generator<Reading> {
  const { psk_file: pskFile } = access;
  yield () => loadRules(access);
  if (pskFile !== undefined) yield () => PskKeys.read(pskFile);
  for (const [gateway, section] of Object.entries(gateways)) {
    if (!section.enable) continue;
    yield* listenerReadings(gateway, section);
    const definition = definitions.find(({ name }) => name === gateway);
    for (const zone of zonesInUse(section)) yield () => definition?.checkFiles?.(zoneConfig(section, zone));
  }
}

function* listenerReadings(gateway: string, { listeners }: GatewayConfig): Generator<Reading> {
  for (const [type, byId] of Object.entries(listeners)) {
    for (const [id, listener] of Object.entries(byId ?? {})) {
      const key = `gateways.${gateway}.listeners.${type}.${id}`;
      if (!listener.enable) continue;
      if (isTls(listener)) yield () => new SecureContexts(listener, key);
      if (isDtls(listener)) yield () => readDtlsFiles(listener, key);
    }
  }
}

/** The zones of the listeners that are to be opened; undefined for those without a zone. */
function zonesInUse({ listeners }: GatewayConfig): ReadonlySet<string | undefined> {
  const all = Object.values(listeners).flatMap((byId) => Object.values(byId ?? {}));
  return new Set(all.filter(({ enable }) => enable).map(({ zone }) => zone));
}

function isTls(listener: ListenerConfig): listener is ListenerConfig & TlsConfig {
  return 'tls_versions' in listener;
}

function isDtls(listener: ListenerConfig): listener is DtlsListenerConfig {
  return 'connection_id' in listener;
}
