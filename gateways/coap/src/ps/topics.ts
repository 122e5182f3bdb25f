import { type Clock, type GatewayContext, Timer, type Timers } from '@portico/core';
import { type CoapMetrics, coapMetrics } from '../counters.js';
import { PsTopic, type TopicRecord } from './topic.js';
import type { TopicProperties } from './topic-properties.js';
import { TopicRecords } from './topic-records.js';

/** How many topics there may be. */
export interface TopicLimits {
  readonly max_ps_topics: number;
  readonly max_ps_topics_per_client: number;
}

/** One collection for all zones of a gateway. */
const COLLECTIONS = new WeakMap<GatewayContext, PsTopics>();

/** All topics of `/ps` that clients have created, in memory and in the hub's store. */
export class PsTopics {
  readonly #context: GatewayContext;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #metrics: CoapMetrics;
  readonly #records: TopicRecords;
  readonly #topics = new Map<string, PsTopic>();
  /** By the engine's topic, mountpoint included, which no two of them share. */
  readonly #byName = new Map<string, PsTopic>();
  /** How many topics a client has created, by client id. */
  readonly #created = new Map<string, number>();
  #loading: Promise<void> | undefined;
  #closed = false;

  /** The topics of a gateway that runs, the same for each of its zones. */
  static of(context: GatewayContext): PsTopics {
    let topics = COLLECTIONS.get(context);
    if (topics === undefined) {
      topics = new PsTopics(context);
      COLLECTIONS.set(context, topics);
    }
    return topics;
  }

  private constructor(context: GatewayContext) {
    this.#context = context;
    this.#clock = context.clock;
    this.#timers = context.timers;
    this.#metrics = coapMetrics(context.metrics);
    this.#records = new TopicRecords(context.storage, context.log);
    const ids = this.#records.ids();
    if (ids.length > 0) this.#loading = this.#load(ids);
  }

  /** Settles when what the store has kept is there; undefined once it is. */
  get loading(): Promise<void> | undefined {
    return this.#loading;
  }

  /** Whether a client may create one more. Who may not is counted. */
  admits(clientId: string, { max_ps_topics, max_ps_topics_per_client }: TopicLimits): boolean {
    if (this.#topics.size < max_ps_topics && this.#createdBy(clientId) < max_ps_topics_per_client)
      return true;
    this.#metrics.counters['topics.refused'].value++;
    return false;
  }

  /** @param id last segment of the path of its resources */
  get(id: string): PsTopic | undefined {
    return this.#topics.get(id);
  }

  /** The topic that stands for the same topic of the engine. */
  named(mountpoint: string, topicName: string): PsTopic | undefined {
    return this.#byName.get(mountpoint + topicName);
  }

  /** The topics that clients with a mountpoint see. */
  under(mountpoint: string): PsTopic[] {
    return [...this.#topics.values()].filter((topic) => topic.mountpoint === mountpoint);
  }

  add(record: TopicRecord): PsTopic {
    const topic = this.#put(record);
    this.#records.write(topic);
    return topic;
  }

  /** Gives a topic other properties. */
  configure(topic: PsTopic, properties: TopicProperties): void {
    topic.properties = properties;
    this.#records.write(topic);
    this.#armExpiry(topic);
    topic.dismissSurplus();
  }

  /** Moves a topic from HALF CREATED to FULLY CREATED, or back. */
  setPublished(topic: PsTopic, published: boolean): void {
    if (topic.published === published) return;
    topic.published = published;
    if (this.#topics.get(topic.id) === topic) this.#records.write(topic);
  }

  /** Deletes a topic; its observers are told. */
  delete(topic: PsTopic): void {
    if (!this.#topics.delete(topic.id)) return;
    this.#metrics.topics.set(this.#topics.size);
    this.#byName.delete(topic.mountpoint + topic.properties.topicName);
    this.#created.set(topic.owner, this.#createdBy(topic.owner) - 1);
    if (this.#createdBy(topic.owner) === 0) this.#created.delete(topic.owner);
    if (topic.expiry !== undefined) this.#timers.cancel(topic.expiry);
    this.#records.delete(topic);
    topic.dismissAll();
  }

  /** Lets go of the timers. */
  close(): void {
    this.#closed = true;
    for (const { expiry } of this.#topics.values()) {
      if (expiry !== undefined) this.#timers.cancel(expiry);
    }
  }

  /** How many of the topics a client has created. */
  #createdBy(clientId: string): number {
    return this.#created.get(clientId) ?? 0;
  }

  async #load(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const record = await this.#records.read(id);
      if (record !== undefined) this.#put(record);
    }
    this.#loading = undefined;
  }

  #put(record: TopicRecord): PsTopic {
    const topic = new PsTopic(record);
    this.#topics.set(topic.id, topic);
    this.#metrics.topics.set(this.#topics.size);
    this.#byName.set(topic.mountpoint + topic.properties.topicName, topic);
    this.#created.set(topic.owner, this.#createdBy(topic.owner) + 1);
    this.#armExpiry(topic);
    return topic;
  }

  #armExpiry(topic: PsTopic): void {
    const { expirationDate } = topic.properties;
    if (topic.expiry !== undefined) this.#timers.cancel(topic.expiry);
    if (expirationDate === undefined || this.#closed) return;
    topic.expiry ??= new Timer(() => this.#expire(topic));
    this.#timers.arm(topic.expiry, Math.max(0, expirationDate * 1000 - this.#clock.now()));
  }

  #expire(topic: PsTopic): void {
    this.delete(topic);
    this.#context.forgetRetained(topic.mountpoint + topic.properties.topicName);
  }
}
