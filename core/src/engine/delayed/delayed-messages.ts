import { LineLimit } from '../../runtime/line-limit.js';
import { Timer } from '../../runtime/timers.js';
import type { Engine } from '../engine.js';
import type { PublicationDrop } from '../engine-metrics.js';
import type { Message } from '../message.js';
import type { PublishResult } from '../outcomes.js';
import { decodeDelayed, encodeDelayed } from './delayed-record.js';
import { isDelayed, mountDelayed, parseDelayed, targetOf } from './delayed-topic.js';
import { DueQueue, type Waiting } from './due-queue.js';

const TABLE = 'delayed';
/** Messages that are read and published in one turn of the event loop. */
const AT_ONCE = 32;
/** Milliseconds until what the store could not give is asked for again. */
const RETRY = 1000;

/**
 * Messages published to `$delayed/<seconds>/<topic>` until their time has come. They are in the store, of which only
 * a key each is in memory; where that is durable, they outlive the hub, and what has become due meanwhile is published
 * at its start. What is due at the same time is published in the order in which it came.
 */
export class DelayedMessages {
  readonly #engine: Engine;
  #enabled: boolean;
  /** What the store has kept is known. */
  #loaded = false;
  readonly #publish: Engine['publish'];
  readonly #queue = new DueQueue();
  readonly #timer = new Timer(() => void this.#publishDue());
  readonly #failures: LineLimit;
  /** Bytes of all that wait. */
  #bytes = 0;
  #nextNumber = 0;
  #publishing = false;
  #stopped = false;

  /** @param publish sends a message on its way whose time has come */
  constructor(engine: Engine, publish: Engine['publish']) {
    this.#engine = engine;
    this.#enabled = engine.config.delayed.enable;
    this.#publish = publish;
    this.#failures = new LineLimit(engine.log, engine.clock);
  }

  /** Whether to publish to this topic means to publish later. */
  takes(topic: string): boolean {
    return this.#enabled && isDelayed(topic);
  }

  /** Whether a topic says to publish later, and does not say when or where. */
  isWrong(topic: string): boolean {
    return this.takes(topic) && parseDelayed(topic) === undefined;
  }

  /** A client's topic below its mountpoint, which stands behind a delay. */
  mounted(mountpoint: string, topic: string): string {
    if (mountpoint === '') return topic;
    return this.takes(topic) ? mountDelayed(mountpoint, topic) : mountpoint + topic;
  }

  /** The topic that whoever publishes to this one must be allowed to publish to: it stands behind a delay. */
  target(topic: string): string {
    return this.takes(topic) ? targetOf(topic) : topic;
  }

  /**
   * Goes by the engine's configuration of now. What waits when it is switched off waits on, whatever becomes due meanwhile,
   * until it is switched on again.
   */
  adjust(): void {
    this.#enabled = this.#engine.config.delayed.enable;
    if (!this.#enabled) this.#engine.timers.cancel(this.#timer);
    else if (this.#loaded) this.#arm();
    else this.load();
  }

  /** Takes over what the store has kept; without `broker.delayed.enable` it stays there. */
  load(): void {
    if (!this.#enabled) return;
    this.#loaded = true;
    const { store, clock, log } = this.#engine;
    const offset = clock.monotonic() - clock.now();
    for (const key of store.keys(TABLE)) {
      const entry = parseKey(key);
      if (entry === undefined) log.error({ table: TABLE, key }, 'an entry of the store is left out');
      else this.#add({ key, dueAt: entry.due + offset, number: entry.number, bytes: entry.bytes });
    }
    this.#arm();
  }

  /** From now on nothing is published any more. */
  stop(): void {
    this.#stopped = true;
    this.#engine.timers.cancel(this.#timer);
  }

  /** Takes a message that was published to a topic with a delay. Access has been checked. */
  hold(message: Message): PublishResult {
    const { store, clock, metrics } = this.#engine;
    const parsed = parseDelayed(message.topic);
    if (parsed === undefined) {
      metrics.countDropped('invalid', message.from);
      return 'topic_name_invalid';
    }
    const record = encodeDelayed(message, parsed.topic);
    const drop = this.#refusal(record.length);
    if (drop !== undefined) {
      this.#engine.dropPublication(message, drop);
      // Of QoS 0 messages nobody is told that they are not kept.
      return message.qos === 0 ? 'ok' : 'storage_failed';
    }
    const delay = parsed.delay * 1000;
    const number = this.#nextNumber;
    const key = keyOf(clock.now() + delay, number, record.length);
    store.put(TABLE, key, record);
    metrics.counters['messages.delayed'].value++;
    this.#add({ key, dueAt: clock.monotonic() + delay, number, bytes: record.length });
    if (this.#queue.first?.key === key) this.#arm();
    return 'ok';
  }

  #refusal(bytes: number): PublicationDrop | undefined {
    const { store, metrics, config } = this.#engine;
    const { max_delayed_messages: maxCount, max_bytes: maxBytes } = config.delayed;
    if (store.failure !== undefined) return 'storage_failed';
    const isFull =
      (maxCount > 0 && metrics.gauges.delayed.value >= maxCount) ||
      (maxBytes > 0 && this.#bytes + bytes > maxBytes);
    return isFull ? 'too_many_delayed' : undefined;
  }

  #add(waiting: Waiting): void {
    this.#queue.add(waiting);
    this.#nextNumber = Math.max(this.#nextNumber, waiting.number + 1);
    this.#bytes += waiting.bytes;
    this.#engine.metrics.gauges.delayed.add(1);
  }

  get #idle(): boolean {
    return this.#stopped || !this.#enabled;
  }

  #arm(): void {
    const { first } = this.#queue;
    if (first === undefined || this.#publishing || this.#idle) return;
    const { clock, timers } = this.#engine;
    timers.arm(this.#timer, first.dueAt - clock.monotonic());
  }

  async #publishDue(): Promise<void> {
    this.#publishing = true;
    for (let due = this.#takeDue(); due.length > 0; due = this.#takeDue()) {
      const records = await this.#read(due);
      for (const [i, waiting] of due.entries()) {
        if (!this.#stopped) await this.#finish(waiting, records[i]);
      }
      await new Promise<void>((resolve) => this.#engine.nextTurn(resolve));
    }
    this.#publishing = false;
    this.#arm();
  }

  #takeDue(): Waiting[] {
    const now = this.#engine.clock.monotonic();
    const due: Waiting[] = [];
    while (!this.#idle && due.length < AT_ONCE && (this.#queue.first?.dueAt ?? Infinity) <= now) {
      const first = this.#queue.take();
      if (first !== undefined) due.push(first);
    }
    return due;
  }

  async #read(due: readonly Waiting[]): Promise<(Buffer | undefined)[]> {
    const { store, timers } = this.#engine;
    for (;;) {
      try {
        return await Promise.all(due.map(({ key }) => store.get(TABLE, key)));
      } catch (error) {
        this.#failures.write('error', { err: error }, 'delayed messages cannot be read at present');
        await new Promise<void>((again) => timers.after(RETRY, again));
      }
    }
  }

  /** Publishes, and deletes from the store in the same turn: a fall of the hub has either both or nothing. */
  async #finish({ key, bytes }: Waiting, record: Buffer | undefined): Promise<void> {
    const { store, metrics, log } = this.#engine;
    try {
      if (record === undefined) metrics.countLost();
      else await this.#publish(decodeDelayed(record));
    } catch (error) {
      log.error({ err: error, key }, 'a delayed message is not published');
      metrics.countLost();
    }
    store.delete(TABLE, key);
    this.#bytes -= bytes;
    metrics.gauges.delayed.add(-1);
  }
}

/** Key of an entry: when it is due in milliseconds since 1970, its number, its bytes. Known so without reading it. */
function keyOf(due: number, number: number, bytes: number): string {
  return `${due}-${number}-${bytes}`;
}

function parseKey(key: string): { due: number; number: number; bytes: number } | undefined {
  const [, due, number, bytes] = /^(\d{1,15})-(\d{1,15})-(\d{1,15})$/.exec(key) ?? [];
  if (bytes === undefined) return undefined;
  return { due: Number(due), number: Number(number), bytes: Number(bytes) };
}
