import { randomBytes } from 'node:crypto';
import { isLoopbackAddress, PorticoError } from '@portico/core/base';
import { LiveView } from '../live-view.js';
import { type ApiCommandOptions, type ManagementApi, withManagementApi } from '../management-api.js';
import { MqttWatcher } from '../mqtt-watcher.js';

export interface SubscribeOptions extends ApiCommandOptions {
  readonly filter: string;
  /** Whom the hub is to take this client for. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** After how many messages to end. */
  readonly count?: number | undefined;
  /** Ends it. */
  readonly stop: AbortSignal;
}

/**
 * Prints messages of a filter as they come, by MQTT over the hub's own listener, until it is told to stop. Who does not
 * read fast enough misses messages and is told how many.
 * @returns the exit code: 1 when the hub refuses or is gone
 */
export function subscribe(options: SubscribeOptions): Promise<number> {
  const { filter, user: username, password, stop } = options;
  return withManagementApi(options, async (api) => {
    const place = await listenerOf(api);
    const clientId = `portico-subscribe-${randomBytes(4).toString('hex')}`;
    const view = new LiveView(options, () => watcher.stop());
    const watcher = new MqttWatcher({ ...place, filter, clientId, username, password }, view);
    if (stop.aborted) watcher.stop();
    stop.addEventListener('abort', () => watcher.stop(), { once: true });
    try {
      await watcher.ended;
    } finally {
      view.end();
    }
  });
}

/**
 * Where the hub listens for MQTT over plain TCP, as far as it can be reached from here: on all addresses means where its
 * API answered, and its loopback is ours only when the API answered there.
 * @throws PorticoError `PORTICO_ERR_SUBSCRIBE` (it rejects) when it does so nowhere
 */
export async function listenerOf(
  api: Pick<ManagementApi, 'host' | 'ofNodes'>,
): Promise<{ readonly host: string; readonly port: number }> {
  const isHere = api.host === 'localhost' || isLoopbackAddress(api.host);
  const open = (await api.ofNodes('/listeners', 'listeners'))
    .filter(({ protocol, running }) => protocol === 'mqtt:tcp' && running === true)
    .map(({ listen_on: address }) => new URL(`tcp://${address}`))
    .map(({ hostname, port }) => ({ host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) }));
  const found = open.find(({ host }) => isHere || !isLoopbackAddress(host));
  if (found === undefined) {
    const where = open.length === 0 ? '' : ' that can be reached from here';
    throw new PorticoError('PORTICO_ERR_SUBSCRIBE', `the hub has no open mqtt:tcp listener${where}`);
  }
  return found.host === '0.0.0.0' || found.host === '::' ? { ...found, host: api.host } : found;
}
