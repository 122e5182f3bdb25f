import type { CarriedTraffic } from '@portico/core';
import type { ManagedHub } from '../endpoint.js';
import { Slice, type Turns } from '../turns.js';
import type { ClientTally } from './client-tally.js';
import { familyText } from './exposition.js';

interface Total extends Record<keyof CarriedTraffic, number> {
  messagesReceived: number;
  messagesSent: number;
}

/** What links count. */
const CARRIED = ['bytesReceived', 'bytesSent', 'framesReceived', 'framesSent'] as const;

const FAMILIES: readonly (readonly [key: keyof Total, name: string, help: string])[] = [
  ['bytesReceived', 'gateway.bytes.received', 'bytes from the peers of a gateway'],
  ['bytesSent', 'gateway.bytes.sent', 'bytes to the peers of a gateway'],
  ['framesReceived', 'gateway.frames.received', 'frames of its protocol from the peers of a gateway'],
  ['framesSent', 'gateway.frames.sent', 'frames of its protocol to the peers of a gateway'],
  [
    'messagesReceived',
    'gateway.messages.received',
    'messages that clients of a gateway have published, those that were refused too',
  ],
  ['messagesSent', 'gateway.messages.sent', 'messages that were sent to clients of a gateway'],
];

/** What it costs in a {@link Slice} to look at a connection. */
const LOOK_COST = 1;

/**
 * Counters of each gateway, made of those of its connections and clients, so that counting costs nothing more. While these are
 * looked at, slice by slice, some may go: what one of them has carried may come in the next answer only, and never twice.
 */
export class GatewayTraffic {
  /** By gateway: a counter never goes down. */
  readonly #told = new Map<string, Total>();

  /** The counters of all gateways, as Prometheus reads them. @param clients what there is of clients, by gateway */
  async texts(
    { gateways }: Pick<ManagedHub, 'gateways'>,
    clients: ReadonlyMap<string, ClientTally>,
    turns: Turns,
  ): Promise<readonly string[]> {
    const slice = new Slice(turns);
    for (const [name, { traffic }] of gateways) {
      const { received = 0, sent = 0 } = clients.get(name) ?? {};
      const total: Total = { ...traffic.past, messagesReceived: received, messagesSent: sent };
      for (const connection of traffic.present) {
        await slice.over();
        slice.charge(LOOK_COST);
        for (const key of CARRIED) total[key] += connection[key];
      }
      this.#tell(name, total);
    }
    return FAMILIES.map(([key, name, help]) => {
      const samples = [...this.#told].map(([gateway, told]) => ({ labels: { gateway }, value: told[key] }));
      return familyText({ name, help, type: 'counter', samples });
    });
  }

  #tell(gateway: string, total: Total): void {
    const told = this.#told.get(gateway) ?? total;
    for (const [key] of FAMILIES) told[key] = Math.max(told[key], total[key]);
    this.#told.set(gateway, told);
  }
}
