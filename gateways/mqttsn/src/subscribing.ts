import {
  ReturnCode,
  type SubscribeMessage,
  TopicIdType,
  type TopicReference,
  type UnsubscribeMessage,
} from '@portico/codec-mqtt-sn';
import {
  type AttachedSession,
  hasWildcard,
  isPromise,
  type MaybePromise,
  type QoS,
  type SubscribeResult,
  topicNameError,
} from '@portico/core';
import type { SnClient } from './client.js';
import { returnCodeOf } from './return-codes.js';
import type { Shared } from './shared.js';

/** What a SUBSCRIBE asks for, as far as the gateway itself can say. */
interface Asked {
  readonly filter: string;
  /** For SUBACK: 0 for a filter with wildcards and for a short topic name (MQTT-SN 1.2 §5.4.16). */
  readonly topicId: number;
}

/** SUBSCRIBE, MQTT-SN 1.2 §6.9. */
export function onSubscribe(
  client: SnClient,
  session: AttachedSession,
  message: SubscribeMessage,
  shared: Shared,
): MaybePromise<void> {
  if (message.qos === -1) return refuse(client, message, ReturnCode.notSupported, shared);
  const asked = askedFor(client, message, shared);
  if (typeof asked === 'number') return refuse(client, message, asked, shared);
  // Small clients drop the messages of a subscription that come before the answer.
  client.downlink.cork();
  const result = session.subscribe(asked.filter, { qos: message.qos });
  if (isPromise(result)) return result.then((settled) => answer(client, message, asked, settled, shared));
  answer(client, message, asked, result, shared);
}

/** A return code when it cannot be had. */
function askedFor(client: SnClient, message: SubscribeMessage, { predefined }: Shared): Asked | number {
  if (message.topicIdType === TopicIdType.predefined) {
    const { topicId } = message;
    const filter = predefined.topicOf(topicId);
    return filter === undefined ? ReturnCode.invalidTopicId : { filter, topicId };
  }
  const { topicName: filter, topicIdType } = message;
  if (topicIdType === TopicIdType.short || hasNoId(filter)) return { filter, topicId: 0 };
  const target = client.registrations.assign(filter);
  return target === undefined ? ReturnCode.congestion : { filter, topicId: target.id };
}

/** Whether it stands for many topics, or for those of a group, or cannot be subscribed to anyway. */
function hasNoId(filter: string): boolean {
  return hasWildcard(filter) || isShared(filter) || topicNameError(filter) !== undefined;
}

function isShared(filter: string): boolean {
  return filter.startsWith('$share/') || filter.startsWith('$queue/');
}

function answer(
  client: SnClient,
  message: SubscribeMessage,
  asked: Asked,
  result: SubscribeResult,
  shared: Shared,
): void {
  answerFirst(client, message, asked, result, shared);
  client.downlink.uncork();
}

function answerFirst(
  client: SnClient,
  message: SubscribeMessage,
  { topicId }: Asked,
  result: SubscribeResult,
  shared: Shared,
): void {
  if (!result.ok) {
    refuse(client, message, returnCodeOf(result.refusal), shared);
    return;
  }
  if (message.topicIdType === TopicIdType.normal && topicId > 0) {
    client.acquainted(topicId);
  }
  const { msgId } = message;
  client.address.sendAck({
    type: 'suback',
    qos: result.qos,
    topicId,
    msgId,
    returnCode: ReturnCode.accepted,
  });
}

function refuse(client: SnClient, message: SubscribeMessage, returnCode: number, shared: Shared): void {
  shared.metrics.counters['mqttsn.subscribe.refused'].value++;
  const { msgId } = message;
  const topicId = message.topicIdType === TopicIdType.predefined ? message.topicId : 0;
  const qos = Math.max(message.qos, 0) as QoS;
  client.address.send({ type: 'suback', qos, topicId, msgId, returnCode });
}

/** UNSUBSCRIBE, MQTT-SN 1.2 §6.9: there is no answer but UNSUBACK. */
export function onUnsubscribe(
  { address }: SnClient,
  session: AttachedSession,
  message: UnsubscribeMessage,
  shared: Shared,
): MaybePromise<void> {
  const { msgId } = message;
  const filter = filterOf(message, shared);
  const done = (): void => address.sendAck({ type: 'unsuback', msgId });
  const result = filter === undefined ? undefined : session.unsubscribe(filter);
  if (result !== undefined && isPromise(result)) return result.then(done);
  done();
}

function filterOf(reference: TopicReference, { predefined }: Shared): string | undefined {
  if (reference.topicIdType === TopicIdType.predefined) return predefined.topicOf(reference.topicId);
  return reference.topicName;
}
