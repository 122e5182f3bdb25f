import { type PublishMessage, shortTopicName, TopicIdType } from '@portico/codec-mqtt-sn';
import {
  type ConnectionInfo,
  isPromise,
  isTaken,
  type MaybePromise,
  type PublishResult,
  provenPeer,
} from '@portico/core';
import { NamelessSender } from './nameless-sender.js';
import { publicationOf } from './publishing.js';
import type { Shared } from './shared.js';

/** How many senders have a session; that of the one that was silent longest makes room. */
const MAX_SENDERS = 1000;

/**
 * PUBLISH without a connection, MQTT-SN 1.2 §6.8: QoS -1, with a predefined or short topic. The senders have no names;
 * to the hub all of one host are one client, over DTLS all that show one key, which access rules and bans look at as at
 * any other.
 */
export class Connectionless {
  readonly #shared: Shared;
  /** By client id; who was heard last is the last. */
  readonly #senders = new Map<string, NamelessSender>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** @param from whose message it is, as far as anybody knows */
  onPublish(message: PublishMessage, from: ConnectionInfo): MaybePromise<void> {
    const topic = this.#shared.config.enable_qos3 ? this.#topicOf(message) : undefined;
    if (topic === undefined) return this.#count('dropped');
    const sender = this.#senderAt(from);
    const result = sender.publish(publicationOf(message, topic), from);
    if (isPromise(result)) return result.then((settled) => this.#conclude(sender, settled));
    this.#conclude(sender, result);
  }

  close(reason: string): void {
    for (const sender of this.#senders.values()) sender.close(reason);
    this.#senders.clear();
  }

  #topicOf({ topicIdType, topicId }: PublishMessage): string | undefined {
    if (topicIdType === TopicIdType.predefined) return this.#shared.predefined.topicOf(topicId);
    return topicIdType === TopicIdType.short ? shortTopicName(topicId) : undefined;
  }

  #senderAt(from: ConnectionInfo): NamelessSender {
    const clientId = `qos-1@${from.listener}@${provenPeer(from) ?? from.peer.host}`;
    const sender = this.#senders.get(clientId) ?? new NamelessSender(clientId, this.#shared);
    this.#senders.delete(clientId);
    this.#senders.set(clientId, sender);
    if (this.#senders.size > MAX_SENDERS) this.#dropSilentest();
    return sender;
  }

  #dropSilentest(): void {
    for (const [clientId, sender] of this.#senders) {
      this.#senders.delete(clientId);
      sender.close('replaced');
      return;
    }
  }

  #conclude(sender: NamelessSender, result: PublishResult | 'refused'): void {
    if (result === 'refused') this.#senders.delete(sender.clientId);
    this.#count(isTaken(result) ? 'received' : 'dropped');
  }

  #count(what: 'received' | 'dropped'): void {
    this.#shared.metrics.counters[`mqttsn.publish.qos3.${what}`].value++;
  }
}
