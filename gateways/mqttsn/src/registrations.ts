import { TopicIdType } from '@portico/codec-mqtt-sn';
import type { PredefinedTopics, TopicTarget } from './predefined-topics.js';
import { FIRST_TOPIC_ID, LAST_TOPIC_ID } from './topic-ids.js';

/** A topic that has an id for one client, MQTT-SN 1.2 §6.5. */
interface Registration extends TopicTarget {
  known: boolean;
}

/**
 * The topic ids of one client. They are its own and stay the same as long as its session; ids that are predefined are
 * left out, so that a device that mixes the two up is not misunderstood.
 */
export class Registrations {
  readonly #predefined: PredefinedTopics;
  readonly #max: number;
  readonly #byTopic = new Map<string, Registration>();
  readonly #byId = new Map<number, Registration>();
  #lastId = FIRST_TOPIC_ID - 1;

  /**
   * @param max how many there may be
   * @param earlier topics with their ids, of an earlier connection; whether the client still knows them is uncertain
   */
  constructor(
    predefined: PredefinedTopics,
    max: number,
    earlier: readonly (readonly [id: number, topic: string])[] = [],
  ) {
    this.#predefined = predefined;
    this.#max = max;
    for (const [id, topic] of earlier) this.#add(id, topic);
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The topic that the client means by an id, which it therefore knows; undefined for none. */
  used(id: number): string | undefined {
    const registration = this.#byId.get(id);
    if (registration === undefined) return undefined;
    registration.known = true;
    return registration.topic;
  }

  /** The client has been told, or has asked for, that id. */
  know(id: number): void {
    const registration = this.#byId.get(id);
    if (registration !== undefined) registration.known = true;
  }

  /** The client says that it does not know that id. @returns false when there is no such id */
  doubt(id: number): boolean {
    const registration = this.#byId.get(id);
    if (registration !== undefined) registration.known = false;
    return registration !== undefined;
  }

  find(topic: string): TopicTarget | undefined {
    return this.#byTopic.get(topic);
  }

  /** The registration of a topic, made if need be; undefined when there are too many. */
  assign(topic: string): TopicTarget | undefined {
    const found = this.#byTopic.get(topic);
    if (found !== undefined) return found;
    const id = this.#nextId();
    return id === undefined ? undefined : this.#add(id, topic);
  }

  /** All of them, in the order in which they were made. */
  entries(): (readonly [id: number, topic: string])[] {
    return [...this.#byId.values()].map(({ id, topic }) => [id, topic]);
  }

  #add(id: number, topic: string): Registration {
    const registration = { topicIdType: TopicIdType.normal, id, topic, known: false };
    this.#byTopic.set(topic, registration);
    this.#byId.set(id, registration);
    this.#lastId = id;
    return registration;
  }

  #nextId(): number | undefined {
    if (this.#byId.size >= this.#max) return undefined;
    for (let id = this.#lastId + 1; id <= LAST_TOPIC_ID; id++) {
      if (this.#predefined.topicOf(id) === undefined) return id;
    }
    return undefined;
  }
}
