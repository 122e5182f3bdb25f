import type { Cancel, Engine, Message } from '@portico/core';

/** Milliseconds over which rates are averages. */
const WINDOW = 5000;
/** Topics that may be measured at a time. */
const MOST_TOPICS = 512;

const NAMES = [
  'messages.in',
  'messages.out',
  'messages.dropped',
  'messages.qos0.in',
  'messages.qos0.out',
  'messages.qos1.in',
  'messages.qos1.out',
  'messages.qos2.in',
  'messages.qos2.out',
] as const;

type Name = (typeof NAMES)[number];

/** One of the numbers of a topic. */
class Rated {
  count = 0;
  #before = 0;
  /** A second, on the average of the last whole window. */
  rate = 0;

  endWindow(): void {
    this.rate = ((this.count - this.#before) * 1000) / WINDOW;
    this.#before = this.count;
  }
}

type Numbers = Readonly<Record<Name, Rated>>;

function newNumbers(): Numbers {
  return Object.fromEntries(NAMES.map((name) => [name, new Rated()])) as Record<Name, Rated>;
}

/**
 * Counts what passes through topics that somebody wants to know of. While there are any, the hub looks at every message;
 * without any it costs nothing.
 */
export class TopicMetrics {
  readonly #engine: Engine;
  readonly #byTopic = new Map<string, Numbers>();
  #hooks: readonly (() => void)[] = [];
  #cancel: Cancel = () => {};

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get full(): boolean {
    return this.#byTopic.size >= MOST_TOPICS;
  }

  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  has(topic: string): boolean {
    return this.#byTopic.has(topic);
  }

  /** The numbers of a topic under the names of the reference; undefined when it is not measured. */
  of(topic: string): Readonly<Record<string, number>> | undefined {
    const numbers = this.#byTopic.get(topic);
    if (numbers === undefined) return undefined;
    const entries = Object.entries(numbers).flatMap(([name, { count, rate }]) => [
      [`${name}.count`, count],
      [`${name}.rate`, rate],
    ]);
    return Object.fromEntries(entries);
  }

  add(topic: string): void {
    if (this.#byTopic.size === 0) this.#begin();
    this.#byTopic.set(topic, newNumbers());
  }

  /** @returns false when it was not measured */
  remove(topic: string): boolean {
    const found = this.#byTopic.delete(topic);
    if (found && this.#byTopic.size === 0) this.stop();
    return found;
  }

  /** Measures nothing any more. */
  stop(): void {
    this.#byTopic.clear();
    for (const remove of this.#hooks) remove();
    this.#hooks = [];
    this.#cancel();
  }

  #begin(): void {
    const { messagePublish, messageDelivered, messageDropped } = this.#engine.hooks;
    const name = 'topic metrics';
    this.#hooks = [
      messagePublish.add(name, ({ message }) => this.#count(message, 'in')),
      messageDelivered.add(name, (message) => this.#count(message, 'out')),
      messageDropped.add(name, (_, message) => this.#countDropped(message)),
    ];
    this.#armWindow();
  }

  #armWindow(): void {
    this.#cancel = this.#engine.clock.schedule(WINDOW, () => {
      for (const numbers of this.#byTopic.values()) {
        for (const rated of Object.values(numbers)) rated.endWindow();
      }
      this.#armWindow();
    });
  }

  #count({ topic, qos }: Message, direction: 'in' | 'out'): void {
    const numbers = this.#byTopic.get(topic);
    if (numbers === undefined) return;
    numbers[`messages.${direction}`].count++;
    numbers[`messages.qos${qos}.${direction}`].count++;
  }

  #countDropped({ topic }: Message): void {
    const numbers = this.#byTopic.get(topic);
    if (numbers !== undefined) numbers['messages.dropped'].count++;
  }
}
