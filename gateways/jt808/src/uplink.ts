import { type DecodedBody, idText, type Jt808Header } from '@portico/codec-jt808';
import type { AttachedSession, MaybePromise, PublishResult } from '@portico/core';
import { type CommandProblem, messageJson, problemJson } from './message-json.js';
import { scaled } from './scaled.js';
import type { Shared } from './shared.js';

/** What a terminal sends, and what became of its commands, on the topic that applications listen to. */
export class Uplink {
  readonly #session: AttachedSession;
  readonly #topic: string;
  readonly #shared: Shared;

  constructor(session: AttachedSession, topic: string, shared: Shared) {
    this.#session = session;
    this.#topic = topic;
    this.#shared = shared;
  }

  /** Publishes a message of the terminal. */
  publish(header: Jt808Header, decoded: DecodedBody): MaybePromise<PublishResult> {
    const { config, counters } = this.#shared;
    if (decoded.faults.length > 0) counters['jt808.bodies.faulty'].value++;
    const shown = config.format === 'scaled' ? scaled(header.msg_id, decoded) : decoded;
    return this.#publish(header.msg_id, messageJson(header, shown));
  }

  /** Tells that a command was not carried out. */
  tell(header: { readonly msg_id?: number }, problem: CommandProblem, reason: string): void {
    void this.#publish(header.msg_id, problemJson(header, problem, reason));
  }

  #publish(id: number | undefined, payload: Buffer): MaybePromise<PublishResult> {
    const isOfMessage = this.#shared.config.up_topic_per_message && id !== undefined;
    const topic = isOfMessage ? `${this.#topic}/${idText(id)}` : this.#topic;
    return this.#session.publish({ topic, payload, qos: 1, retain: false, owned: true });
  }
}
