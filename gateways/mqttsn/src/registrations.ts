import { MAX_TOPIC_ID, MIN_TOPIC_ID, TopicIdType } from '@portico/codec-mqtt-sn';
import type { PredefinedTopics, TopicTarget } from './predefined-topics.js';

/** Octets that the topic names of a client may take on average, if it has as many as it may. */
const OCTETS_OF_A_TOPIC = 256;

/** A topic that has an id for one client, MQTT-SN 1.2 §6.5. */
interface Registration extends TopicTarget {
  known: boolean;
}

/** A topic with its id. */
export type TopicEntry = readonly [id: number, topic: string];

/** The topics of an earlier connection, whether the client still knows their ids or not. */
export interface EarlierTopics {
  /** Ids ascending. */
  readonly topics: readonly TopicEntry[];
  /** See {@link Registrations.written}. */
  readonly written: number;
}

/**
 * The topic ids of one client. They are its own and stay the same as long as its session; ids that are predefined are
 * left out, so that a device that mixes the two up is not misunderstood.
 */
export class Registrations {
  readonly #predefined: PredefinedTopics;
  readonly #max: number;
  readonly #byTopic = new Map<string, Registration>();
  /** In the order in which they were made, so that ids ascend. */
  #all: Registration[] = [];
  /** Of all topic names. */
  #octets = 0;
  /** How many of them, from the first on, are written down, see `ClientRecords`. */
  written: number;

  /** @param max how many there may be; their names may take 256 octets each on average, in UTF-8 */
  constructor(predefined: PredefinedTopics, max: number, earlier?: EarlierTopics) {
    this.#predefined = predefined;
    this.#max = max;
    this.written = earlier?.written ?? 0;
    for (const [id, topic] of earlier?.topics ?? []) this.#add(id, topic);
  }

  get size(): number {
    return this.#all.length;
  }

  /** The topic that the client means by an id, which it therefore knows; undefined for none. */
  used(id: number): string | undefined {
    const registration = this.#at(id);
    if (registration === undefined) return undefined;
    registration.known = true;
    return registration.topic;
  }

  /** The client has been told, or has asked for, that id. */
  know(id: number): void {
    const registration = this.#at(id);
    if (registration !== undefined) registration.known = true;
  }

  /** The client says that it does not know that id. @returns false when there is no such id */
  doubt(id: number): boolean {
    const registration = this.#at(id);
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
    if (this.size >= this.#max) return undefined;
    if (this.#octets + Buffer.byteLength(topic) > this.#max * OCTETS_OF_A_TOPIC) return undefined;
    const id = this.#nextId();
    return id === undefined ? undefined : this.#add(id, topic);
  }

  /** Those from `start` to before `end`, counted in the order in which they were made. */
  entries(start = 0, end = this.size): TopicEntry[] {
    return this.#all.slice(start, end).map(({ id, topic }) => [id, topic]);
  }

  #add(id: number, topic: string): Registration {
    const registration = { topicIdType: TopicIdType.normal, id, topic, known: false };
    this.#byTopic.set(topic, registration);
    // Most clients have one: an array that grows would be given room for 17.
    if (this.#all.length === 0) this.#all = [registration];
    else this.#all.push(registration);
    this.#octets += Buffer.byteLength(topic);
    return registration;
  }

  #at(id: number): Registration | undefined {
    let from = 0;
    let to = this.#all.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const registration = this.#all[middle];
      if (registration === undefined || registration.id === id) return registration;
      if (registration.id < id) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }

  #nextId(): number | undefined {
    const last = this.#all.at(-1)?.id ?? MIN_TOPIC_ID - 1;
    for (let id = last + 1; id <= MAX_TOPIC_ID; id++) {
      if (this.#predefined.topicOf(id) === undefined) return id;
    }
    return undefined;
  }
}
