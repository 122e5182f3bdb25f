import type { Message } from '../message.js';
import type { StoredDelivery } from './stored-delivery.js';

/** Messages read at a time: there may be a million to read, when a session ends. */
const AT_ONCE = 32;

/** What messages are read from. */
export interface LastSource {
  /** Undefined when the message is not there any more. @throws Error when the store cannot be read at present */
  readMessage(stored: StoredDelivery): Promise<Message | undefined>;
  retryReading(error: unknown, again: () => void): void;
  /** Deletes what is stored of a delivery. */
  erase(stored: StoredDelivery): void;
}

type Task = LastRead | (() => void);

interface LastRead {
  readonly stored: StoredDelivery;
  readonly use: (message: Message | undefined) => void;
}

/**
 * Reads messages for the last time that no session waits for any more: to give them to somebody else, or to tell of
 * their end. One after the other in the order in which they are asked for, and few at a time. A delivery is deleted
 * from the store in the same turn in which its message has been used, so a fall of the hub loses none.
 */
export class LastReads {
  readonly #source: LastSource;
  readonly #onError: (error: unknown) => void;
  #tasks: Task[] = [];
  #working = false;

  /** @param onError is told what threw when a message was used */
  constructor(source: LastSource, onError: (error: unknown) => void) {
    this.#source = source;
    this.#onError = onError;
  }

  /** @param use gets the message; undefined when the store does not have it any more */
  add(stored: StoredDelivery, use: (message: Message | undefined) => void): void {
    stored.gone = true;
    this.#tasks.push({ stored, use });
    if (!this.#working) void this.#work();
  }

  /** Runs something behind all reads so far; at once when there are none. */
  behind(run: () => void): void {
    if (this.#working) this.#tasks.push(run);
    else run();
  }

  /** Whether messages are still to be read. */
  get busy(): boolean {
    return this.#working;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#tasks.length > 0) {
      const tasks = this.#tasks;
      this.#tasks = [];
      for (let at = 0; at < tasks.length; at += AT_ONCE) await this.#workOn(tasks.slice(at, at + AT_ONCE));
    }
    this.#working = false;
  }

  async #workOn(tasks: readonly Task[]): Promise<void> {
    const messages = await this.#read(tasks);
    for (const [i, task] of tasks.entries()) {
      try {
        if ('stored' in task) this.#finish(task, messages[i]);
        else task();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  async #read(tasks: readonly Task[]): Promise<(Message | undefined)[]> {
    for (;;) {
      try {
        return await Promise.all(
          tasks.map((task) => ('stored' in task ? this.#source.readMessage(task.stored) : undefined)),
        );
      } catch (error) {
        await new Promise<void>((again) => this.#source.retryReading(error, again));
      }
    }
  }

  #finish({ stored, use }: LastRead, message: Message | undefined): void {
    try {
      use(message);
    } finally {
      this.#source.erase(stored);
    }
  }
}
