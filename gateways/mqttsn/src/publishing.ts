import { type PublishMessage, ReturnCode, shortTopicName, TopicIdType } from '@portico/codec-mqtt-sn';
import {
  type AttachedSession,
  isPromise,
  isTaken,
  type MaybePromise,
  type Publication,
  type PublishResult,
  type QoS,
} from '@portico/core';
import type { SnClient } from './client.js';
import { returnCodeOf } from './return-codes.js';
import type { Shared } from './shared.js';

/** A PUBLISH of a connected client, MQTT-SN 1.2 §6.6. */
export function onPublish(
  client: SnClient,
  session: AttachedSession,
  message: PublishMessage,
  shared: Shared,
): MaybePromise<void> {
  const topic = topicOf(client, message, shared);
  if (topic === undefined) return refuse(client, message, ReturnCode.invalidTopicId, shared);
  if (isRepeated(client, message)) {
    shared.metrics.counters['mqttsn.publish.duplicate'].value++;
    return acknowledge(client, message, ReturnCode.accepted);
  }
  const { msgId, qos } = message;
  const publication = publicationOf(message, topic);
  // Small clients expect the answer before the message, should they be subscribed to it themselves.
  client.downlink.cork();
  const result = qos === 2 ? session.publishOnce(msgId, publication) : session.publish(publication);
  if (isPromise(result)) return result.then((settled) => answer(client, message, settled, shared));
  answer(client, message, result, shared);
}

/** The client's PUBREL: whether the message is known or not, it is done with. */
export function onPubrel(client: SnClient, session: AttachedSession, msgId: number, shared: Shared): void {
  if (!session.releasePublished(msgId)) shared.metrics.counters['mqttsn.messages.unexpected'].value++;
  client.address.sendAck({ type: 'pubcomp', msgId });
}

/** Undefined when the topic id is none. */
function topicOf(
  { registrations }: SnClient,
  { topicIdType, topicId }: PublishMessage,
  { predefined }: Shared,
): string | undefined {
  switch (topicIdType) {
    case TopicIdType.normal:
      return registrations.used(topicId);
    case TopicIdType.predefined:
      return predefined.topicOf(topicId);
    case TopicIdType.short:
      return shortTopicName(topicId);
  }
}

/** Of a client that is connected, QoS -1 is as good as 0. */
export function publicationOf({ qos, retain, data }: PublishMessage, topic: string): Publication {
  return { topic, payload: data, qos: Math.max(qos, 0) as QoS, retain };
}

/** Whether it is the QoS 1 message acknowledged last, whose client has not got the PUBACK. QoS 2 sees to that itself. */
function isRepeated({ lastPublish }: SnClient, { dup, qos, msgId, topicId }: PublishMessage): boolean {
  return dup && qos === 1 && lastPublish?.msgId === msgId && lastPublish.topicId === topicId;
}

function answer(client: SnClient, message: PublishMessage, result: PublishResult, shared: Shared): void {
  answerFirst(client, message, result, shared);
  client.downlink.uncork();
  client.goOn();
}

function answerFirst(client: SnClient, message: PublishMessage, result: PublishResult, shared: Shared): void {
  if (!isTaken(result)) {
    refuse(client, message, returnCodeOf(result), shared);
    return;
  }
  const { qos, msgId, topicId } = message;
  if (qos === 1) client.lastPublish = { msgId, topicId };
  acknowledge(client, message, ReturnCode.accepted);
}

/** Also a message of QoS 0 is refused with a PUBACK, MQTT-SN 1.2 §5.4.13. */
function refuse(client: SnClient, message: PublishMessage, returnCode: number, shared: Shared): void {
  shared.metrics.counters['mqttsn.publish.refused'].value++;
  const { topicId, msgId } = message;
  if (message.qos !== -1) client.address.send({ type: 'puback', topicId, msgId, returnCode });
}

function acknowledge({ address }: SnClient, message: PublishMessage, returnCode: number): void {
  const { qos, topicId, msgId } = message;
  if (qos === 1) address.sendAck({ type: 'puback', topicId, msgId, returnCode });
  else if (qos === 2) address.sendAck({ type: 'pubrec', msgId });
}
