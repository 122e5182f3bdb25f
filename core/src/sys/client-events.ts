import type { ClientInfo } from '../engine/client-info.js';
import type { Hooks } from '../engine/hooks.js';
import type { Clock } from '../runtime/clock.js';
import type { SysPublisher } from './sys-publisher.js';

/**
 * Publishes `clients/<clientid>/connected` and `…/disconnected` for the clients of all gateways, from now on.
 * @returns stops it
 */
export function publishClientEvents(publisher: SysPublisher, hooks: Hooks, clock: Clock): () => void {
  const stops = [
    hooks.clientConnected.add('sys', (_, client) => {
      publisher.publish(eventPath(client, 'connected'), () => connectedText(client, clock.now()));
    }),
    hooks.clientDisconnected.add('sys', (_, client, reason) => {
      publisher.publish(eventPath(client, 'disconnected'), () =>
        disconnectedText(client, reason, clock.now()),
      );
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Characters that a client identifier may have and a topic name may not (MQTT 5 §4.7). */
const NOT_IN_TOPICS: Readonly<Record<string, string>> = { '+': '%2B', '#': '%23', '\0': '%00' };

function eventPath({ clientId }: ClientInfo, event: 'connected' | 'disconnected'): string {
  const level = clientId.replace(/[+#\0]/g, (character) => NOT_IN_TOPICS[character] as string);
  return `clients/${level}/${event}`;
}

function connectedText(client: ClientInfo, now: number): string {
  return JSON.stringify({
    ...whoIsIt(client),
    keepalive: client.keepalive,
    expiry_interval: client.sessionExpiry,
    clean_start: client.cleanStart,
    connack: 0,
    connected_at: client.connectedAt,
    ts: now,
  });
}

function disconnectedText(client: ClientInfo, reason: string, now: number): string {
  return JSON.stringify({ ...whoIsIt(client), reason: eventReason(reason), disconnected_at: now, ts: now });
}

function whoIsIt({ clientId, username, peer, localPort, protocol, protocolVersion }: ClientInfo) {
  return {
    clientid: clientId,
    username: username ?? null,
    ipaddress: peer.host,
    sockport: localPort,
    proto_name: protocol,
    proto_ver: protocolVersion,
  };
}

/** Reasons for which applications know another name. */
const EVENT_REASONS: Readonly<Record<string, string>> = {
  closed: 'tcp_closed',
  taken_over: 'takeovered',
};

/** An error of the connection, such as `ECONNRESET`. */
const ERROR_CODE = /^E[A-Z]+$/;

function eventReason(reason: string): string {
  return ERROR_CODE.test(reason) ? 'tcp_closed' : (EVENT_REASONS[reason] ?? reason);
}
