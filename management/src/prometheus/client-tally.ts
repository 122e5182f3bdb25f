import type { ApiContext } from '../endpoint.js';
import { Slice } from '../turns.js';

/** What clients of a gateway are, and what they have sent and been sent since the hub started. */
export interface ClientTally {
  connected: number;
  /** With a session, but not connected. */
  away: number;
  received: number;
  sent: number;
}

/** What it costs in a {@link Slice} to count a client. */
const COUNT_COST = 1;

/**
 * Counts clients in turns with everything else. Meanwhile some may go: what one of them has sent may be missing then, and is
 * never there twice.
 * @returns by gateway, those that nobody is connected to included
 */
export async function tallyClients({
  hub,
  turns,
}: Pick<ApiContext, 'hub' | 'turns'>): Promise<ReadonlyMap<string, ClientTally>> {
  const { sessions, metrics } = hub.engine;
  const begun = (gateway: string): ClientTally => ({
    connected: 0,
    away: 0,
    ...metrics.byGateway.past(gateway),
  });
  const tallies = new Map([...hub.gateways.keys()].map((gateway) => [gateway, begun(gateway)]));
  const slice = new Slice(turns);
  for (const { client, attachment } of sessions.values()) {
    await slice.over();
    slice.charge(COUNT_COST);
    const tally = tallies.get(client.gateway) ?? begun(client.gateway);
    tallies.set(client.gateway, tally);
    if (attachment === undefined) tally.away++;
    else {
      tally.connected++;
      tally.received += attachment.totals.received;
      tally.sent += attachment.totals.sent;
    }
  }
  return tallies;
}
