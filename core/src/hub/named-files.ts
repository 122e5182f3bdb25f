import { loadRules } from '../access/create-access-control.js';
import { PskKeys } from '../access/psk-keys.js';
import { readDtlsFiles } from '../listeners/dtls/dtls-files.js';
import type { DtlsListenerConfig, ListenerConfig } from '../listeners/listener-config.js';
import { SecureContexts } from '../listeners/tls/secure-contexts.js';
import type { TlsConfig } from '../listeners/tls/tls-config.js';
import { PorticoError } from '../runtime/errors.js';
import type { HubConfig } from './hub.js';

/**
 * Reads every file that a hub with this configuration would read at its start (access rules, pre-shared keys,
 * certificates, private keys, authorities, revocation lists) and forgets them again. No port is opened.
 * @returns why the hub would not start: the first fault of each section that names files
 */
export async function namedFileFaults(
  config: Pick<HubConfig, 'access' | 'gateways'>,
): Promise<readonly PorticoError[]> {
  const faults: PorticoError[] = [];
  for (const read of readings(config)) {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof PorticoError)) throw error;
      faults.push(error);
    }
  }
  return faults;
}

function* readings({
  access,
  gateways,
}: Pick<HubConfig, 'access' | 'gateways'>): Generator<() => Promise<unknown> | unknown> {
  const { psk_file: pskFile } = access;
  yield () => loadRules(access);
  if (pskFile !== undefined) yield () => PskKeys.read(pskFile);
  for (const [gateway, { enable, listeners }] of Object.entries(gateways)) {
    if (!enable) continue;
    for (const [type, byId] of Object.entries(listeners)) {
      for (const [id, listener] of Object.entries(byId ?? {})) {
        const key = `gateways.${gateway}.listeners.${type}.${id}`;
        if (!listener.enable) continue;
        if (isTls(listener)) yield () => new SecureContexts(listener, key);
        if (isDtls(listener)) yield () => readDtlsFiles(listener, key);
      }
    }
  }
}

function isTls(listener: ListenerConfig): listener is ListenerConfig & TlsConfig {
  return 'tls_versions' in listener;
}

function isDtls(listener: ListenerConfig): listener is DtlsListenerConfig {
  return 'connection_id' in listener;
}
