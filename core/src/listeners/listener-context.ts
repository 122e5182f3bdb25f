import type { PresharedKeys } from '../access/psk-lookup.js';
import type { ConnectionInfo, PeerAddress, TransportType } from '../engine/client-info.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Metrics } from '../runtime/metrics.js';
import type { Timers } from '../runtime/timers.js';

/** What the hub lends to a listener. */
export interface ListenerContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Pre-shared keys, if the configuration has some. */
  readonly psk?: PresharedKeys | undefined;
}

/** Who a listener is. */
export interface ListenerIdentity {
  /** Full name: `mqtt:tcp:default`. */
  readonly name: string;
  /** Name of the gateway: `mqtt`. */
  readonly gateway: string;
  readonly transport: TransportType;
  /** Path of its section of the configuration: `gateways.mqtt.listeners.tcp.default`. */
  readonly configKey: string;
}

/** What nobody says of itself by a datagram. */
export const NOTHING_PROVEN = {
  certificate: undefined,
  serverName: undefined,
  pskIdentity: undefined,
  rawPublicKey: undefined,
  proven: undefined,
  subprotocol: undefined,
} as const;

let lastConnectionId = 0;

/** Info of a new connection, with an id that no other has in this process. */
export function connectionInfo(
  { name, gateway, transport }: Omit<ListenerIdentity, 'configKey'>,
  facts: Omit<ConnectionInfo, 'id' | 'transport' | 'gateway' | 'listener'>,
): ConnectionInfo {
  return { id: ++lastConnectionId, transport, gateway, listener: name, ...facts };
}

/** The peer of a connection has another address from now on. */
export function movePeer(info: ConnectionInfo, to: PeerAddress): void {
  const movable: { peer: PeerAddress } = info;
  movable.peer = to;
}
