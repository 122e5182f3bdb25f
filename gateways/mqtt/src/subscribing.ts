import type { SubscribePacket, SubscriptionRequest, UnsubscribePacket } from '@portico/codec-mqtt';
import {
  type AttachedSession,
  isPromise,
  type MaybePromise,
  parseSubscription,
  type SubscribeRefusal,
  type SubscribeResult,
  topicFilterError,
  type UnsubscribeResult,
} from '@portico/core';
import { firstExplanation } from './explanations.js';
import { inOrder } from './in-order.js';
import { subscribeRefusalCode, unsubscribeCode } from './reasons.js';
import type { Outlet, Shared } from './shared.js';

/** Asks for each filter of a SUBSCRIBE in order and answers with a code for each, MQTT 5 §3.8.4. */
export function subscribe(
  session: AttachedSession,
  packet: SubscribePacket,
  outlet: Outlet,
  shared: Shared,
): MaybePromise<void> {
  const { subscriptions, properties } = packet;
  const fault = strictFault(
    subscriptions.map(({ filter }) => filter),
    shared,
  );
  if (fault !== undefined) return outlet.end('malformed_packet', fault);
  const subscriptionId = properties?.subscriptionIdentifier;
  const ask = ({ filter, qos, noLocal, retainAsPublished, retainHandling }: SubscriptionRequest) =>
    session.subscribe(filter, { qos, noLocal, retainAsPublished, retainHandling, subscriptionId });
  const results = inOrder(subscriptions, ask);
  const answer = (settled: readonly SubscribeResult[]) => {
    countRefused(settled, shared);
    const { protocolVersion } = session.client;
    const reasonCodes = settled.map((result) =>
      result.ok ? result.qos : subscribeRefusalCode(told(result.refusal, shared), protocolVersion),
    );
    const reasons = settled.map((result) => (result.ok ? 'ok' : told(result.refusal, shared)));
    const properties = outlet.explanation(firstExplanation(reasons));
    outlet.sendAck({ type: 'suback', packetId: packet.packetId, reasonCodes, properties });
  };
  return isPromise(results) ? results.then(answer) : answer(results);
}

/** In strict mode, what is wrong with the first ill-formed filter (MQTT 5 §4.7); else it is refused by itself. */
function strictFault(filters: readonly string[], { config }: Shared): string | undefined {
  if (!config.strict_mode) return undefined;
  for (const filter of filters) {
    const parsed = parseSubscription(filter);
    const fault = typeof parsed === 'string' ? parsed : topicFilterError(parsed.filter);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What the client is told of a refusal: not always what access control said. */
function told(refusal: SubscribeRefusal, { config }: Shared): SubscribeRefusal {
  return refusal === 'not_authorized' ? config.denied_subscribe : refusal;
}

function countRefused(results: readonly SubscribeResult[], { counters }: Shared): void {
  const refusals = results.flatMap((result) => (result.ok ? [] : [result.refusal]));
  if (refusals.includes('not_authorized')) counters.named['packets.subscribe.auth_error'].value++;
  if (refusals.some((refusal) => refusal !== 'not_authorized')) {
    counters.named['packets.subscribe.error'].value++;
  }
}

/** Ends the subscription of each filter of an UNSUBSCRIBE and answers with a code for each, MQTT 5 §3.10.4. */
export function unsubscribe(
  session: AttachedSession,
  packet: UnsubscribePacket,
  outlet: Outlet,
  shared: Shared,
): MaybePromise<void> {
  const { filters, packetId } = packet;
  const fault = strictFault(filters, shared);
  if (fault !== undefined) return outlet.end('malformed_packet', fault);
  const results = inOrder(filters, (filter) => session.unsubscribe(filter));
  const answer = (settled: readonly UnsubscribeResult[]) => {
    if (settled.some((result) => result !== 'ok' && result !== 'no_subscription')) {
      shared.counters.named['packets.unsubscribe.error'].value++;
    }
    const properties = outlet.explanation(firstExplanation(settled));
    outlet.sendAck({ type: 'unsuback', packetId, reasonCodes: settled.map(unsubscribeCode), properties });
  };
  return isPromise(results) ? results.then(answer) : answer(results);
}
