import { type PublishMessage, shortTopicName, TopicIdType } from '@portico/codec-mqtt-sn';
import {
  type AttachedSession,
  type ConnectionInfo,
  type ConnectResult,
  isPromise,
  type MaybePromise,
  type SessionHandler,
} from '@portico/core';
import { publicationOf } from './publishing.js';
import type { Shared } from './shared.js';

/** Under which messages of QoS -1 are published. */
const CLIENT_ID = 'mqttsn-qos-1';

/**
 * PUBLISH without a connection, MQTT-SN 1.2 §6.8: QoS -1, with a predefined or short topic. The senders have no names,
 * so all are one client to the hub.
 */
export class Connectionless implements SessionHandler {
  readonly writable = false;
  readonly #shared: Shared;
  #session: AttachedSession | undefined;
  #connecting: Promise<void> | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** @param from whose message it is, as far as anybody knows */
  onPublish(message: PublishMessage, from: ConnectionInfo): MaybePromise<void> {
    const topic = this.#shared.config.enable_qos3 ? this.#topicOf(message) : undefined;
    if (topic === undefined) return this.#dropped();
    if (this.#session !== undefined) return this.#publish(this.#session, message, topic);
    const ready = this.#connect(from);
    const goOn = (): MaybePromise<void> => {
      if (this.#session === undefined) return this.#dropped();
      return this.#publish(this.#session, message, topic);
    };
    return isPromise(ready) ? ready.then(goOn) : goOn();
  }

  close(reason: string): void {
    this.#session?.close(reason);
    this.#session = undefined;
  }

  #topicOf({ topicIdType, topicId }: PublishMessage): string | undefined {
    if (topicIdType === TopicIdType.predefined) return this.#shared.predefined.topicOf(topicId);
    return topicIdType === TopicIdType.short ? shortTopicName(topicId) : undefined;
  }

  #publish(session: AttachedSession, message: PublishMessage, topic: string): MaybePromise<void> {
    const result = session.publish(publicationOf(message, topic));
    const count = (settled: Awaited<typeof result>): void => {
      if (settled !== 'ok' && settled !== 'no_subscribers') this.#dropped();
      else this.#shared.metrics.counters['mqttsn.publish.qos3.received'].value++;
    };
    return isPromise(result) ? result.then(count) : count(result);
  }

  #connect(from: ConnectionInfo): MaybePromise<void> {
    if (this.#connecting !== undefined) return this.#connecting;
    const { context, config, session } = this.#shared;
    const result = context.connect({
      clientId: CLIENT_ID,
      username: config.username === '' ? undefined : config.username,
      password: config.password === '' ? undefined : Buffer.from(config.password),
      protocol: 'MQTT-SN',
      connection: { ...from, proven: undefined },
      protocolVersion: 1,
      mountpoint: config.mountpoint,
      keepalive: 0,
      cleanStart: true,
      sessionExpiry: 0,
      options: session,
      mergeOverlapping: true,
      retransmits: false,
      handler: this,
    });
    if (!isPromise(result)) return this.#connected(result);
    this.#connecting = result.then((settled) => this.#connected(settled));
    return this.#connecting;
  }

  #connected(result: ConnectResult): void {
    this.#connecting = undefined;
    this.#session = result.ok ? result.session : undefined;
  }

  #dropped(): void {
    this.#shared.metrics.counters['mqttsn.publish.qos3.dropped'].value++;
  }

  // From the session: it is never subscribed to anything.

  deliver(): boolean {
    return false;
  }

  release(): void {}

  detached(): void {
    this.#session = undefined;
  }
}
