import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Timer, Timers } from '../runtime/timers.js';
import { eachEntry } from '../store/each-entry.js';
import type { Store } from '../store/store.js';
import { TopicTree } from '../topics/topic-tree.js';
import type { BrokerConfig } from './broker-config.js';
import { decodeMessageRecord, encodeMessageRecord } from './durable/message-record.js';
import type { EngineMetrics } from './engine-metrics.js';
import { isOwn, type Message } from './message.js';

const TABLE = 'retained';
/** How often expired messages are cleared away, in milliseconds; nobody is given one in between. */
const SWEEP_INTERVAL = 60_000;
/** Messages that are looked at in one go when the expiry has changed, and milliseconds until it goes on. */
const SORTED_AT_ONCE = 256;
const SORT_PAUSE = 1;

/** The last retained message of each topic, MQTT 5 §3.3.1.3. */
export class RetainedMessages {
  #config: BrokerConfig['retained'];
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #metrics: EngineMetrics;
  readonly #messages = new TopicTree<Message>();
  /** Those that will expire. */
  readonly #expiring = new Set<Message>();
  #sweepTimer: Timer | undefined;
  /** Those that are still to be looked at since their expiry has changed. */
  #unsorted: Generator<Message | undefined> | undefined;

  constructor(
    config: BrokerConfig['retained'],
    store: Store,
    clock: Clock,
    timers: Timers,
    metrics: EngineMetrics,
  ) {
    this.#config = config;
    this.#store = store;
    this.#clock = clock;
    this.#timers = timers;
    this.#metrics = metrics;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** Goes by another configuration. What it has no room for any more stays; for what is new there is none. */
  adjust(config: BrokerConfig['retained']): void {
    const { expiry_interval: before } = this.#config;
    this.#config = config;
    if (config.expiry_interval === before) return;
    this.#unsorted = this.#messages.match('#', true);
    this.#sort();
  }

  /** Reads what the store has kept. @param log is told what cannot be understood */
  load(log: Logger): Promise<void> {
    return eachEntry(this.#store, log, TABLE, (_, record) => this.#put(decodeMessageRecord(record)));
  }

  /**
   * Keeps a published message with the retain flag, or clears its topic when the payload is empty.
   * @returns whether the message goes on to subscribers
   */
  accept(message: Message): boolean {
    if (message.payload.length === 0) {
      // One who clears what somebody else has just cleared is told that it is gone for good, too.
      if (!this.delete(message.topic)) this.#store.confirm();
      return !this.#config.stop_publish_clear_msg;
    }
    if (this.#hasRoomFor(message)) {
      this.#put(message.keep());
      this.#metrics.counters['messages.retained'].value++;
      if (this.#store.durable) this.#write(message);
    } else {
      this.#metrics.counters['messages.retained.refused'].value++;
    }
    return true;
  }

  /** That of a topic; undefined when there is none or it has expired. */
  get(topic: string): Message | undefined {
    const message = this.#messages.get(topic);
    return message !== undefined && this.#expiry(message) > this.#clock.now() ? message : undefined;
  }

  /** @returns false when there is none */
  delete(topic: string): boolean {
    const message = this.#messages.get(topic);
    if (message === undefined) return false;
    this.#messages.delete(topic);
    this.#expiring.delete(message);
    if (this.#store.durable) this.#store.delete(TABLE, topic);
    this.#metrics.gauges.retained.set(this.#messages.size);
    return true;
  }

  /** False when there is certainly none whose topic matches the filter, which is known at once. */
  mayMatch(filter: string): boolean {
    return this.#messages.mayMatch(filter);
  }

  /**
   * Those whose topics match the filter and that have not expired; undefined now and then while it searches, see
   * {@link TopicTree.match}.
   */
  *match(filter: string): Generator<Message | undefined> {
    for (const message of this.#messages.match(filter)) {
      if (message === undefined || this.#expiry(message) > this.#clock.now()) yield message;
    }
  }

  /** What the hub says of itself is nothing to the one that runs next. */
  #write(message: Message): void {
    if (isOwn(message)) this.#store.delete(TABLE, message.topic);
    else this.#store.put(TABLE, message.topic, encodeMessageRecord(message));
  }

  #hasRoomFor(message: Message): boolean {
    if (isOwn(message)) return true;
    const { max_payload_size: maxSize, max_retained_messages: maxCount } = this.#config;
    if (maxSize > 0 && message.payload.length > maxSize) return false;
    const isFull = maxCount > 0 && this.#messages.size >= maxCount;
    const { failure } = this.#store;
    // Of QoS 0 messages nobody is told that they are not kept.
    const mayGrow = !isFull && (failure === undefined || failure.kind === 'io');
    return mayGrow || this.#messages.get(message.topic) !== undefined;
  }

  #put(message: Message): void {
    const replaced = this.#messages.get(message.topic);
    if (replaced !== undefined) this.#expiring.delete(replaced);
    this.#messages.set(message.topic, message);
    this.#metrics.gauges.retained.set(this.#messages.size);
    this.#noteExpiry(message);
  }

  /** Milliseconds since 1970 from which on the message is forgotten: its own expiry, else the configured one. */
  #expiry(message: Message): number {
    if (message.expiresAt !== Number.POSITIVE_INFINITY) return message.expiresAt;
    const { expiry_interval: interval } = this.#config;
    return interval === 0 ? Number.POSITIVE_INFINITY : message.timestamp + interval;
  }

  /** Notes, in pieces, which messages will expire by the configuration of now. */
  #sort(): void {
    for (let i = 0; i < SORTED_AT_ONCE; i++) {
      const next = this.#unsorted?.next();
      if (next === undefined || next.done) {
        this.#unsorted = undefined;
        return;
      }
      if (next.value !== undefined) this.#noteExpiry(next.value);
    }
    this.#timers.after(SORT_PAUSE, () => this.#sort());
  }

  #noteExpiry(message: Message): void {
    if (this.#expiry(message) === Number.POSITIVE_INFINITY) return;
    this.#expiring.add(message);
    this.#armSweep();
  }

  #armSweep(): void {
    this.#sweepTimer ??= this.#timers.after(SWEEP_INTERVAL, () => this.#sweep());
    if (!this.#sweepTimer.armed) this.#timers.arm(this.#sweepTimer, SWEEP_INTERVAL);
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const message of this.#expiring) {
      const expiry = this.#expiry(message);
      if (expiry <= now) this.delete(message.topic);
      else if (expiry === Number.POSITIVE_INFINITY) this.#expiring.delete(message);
    }
    if (this.#expiring.size > 0) this.#armSweep();
  }
}
