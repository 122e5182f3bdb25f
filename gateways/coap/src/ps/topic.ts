import { ResponseCode } from '@portico/codec-coap';
import type { Timer } from '@portico/core';
import type { Observation, ObservedResource } from '../observation.js';
import type { TopicProperties } from './topic-properties.js';

/** Value of `observer-check` where a topic has none, in seconds: draft-ietf-core-coap-pubsub-21 §2.2.1. */
export const DEFAULT_OBSERVER_CHECK = 86_400;

/** What of a topic is written down. */
export interface TopicRecord {
  /** Last segment of the paths of its two resources. */
  readonly id: string;
  /** Client id of its creator. */
  readonly owner: string;
  /** Topic prefix of those clients that see it. */
  readonly mountpoint: string;
  readonly properties: TopicProperties;
  /** Whether it is FULLY CREATED: data has been published and not been deleted since, §3.1. */
  readonly published: boolean;
}

/** A topic: its configuration and who observes its data. */
export class PsTopic implements ObservedResource {
  readonly id: string;
  readonly owner: string;
  readonly mountpoint: string;
  properties: TopicProperties;
  published: boolean;
  readonly observations = new Set<Observation>();
  /** Deletes it at its expiration date. */
  expiry: Timer | undefined;

  constructor({ id, owner, mountpoint, properties, published }: TopicRecord) {
    this.id = id;
    this.owner = owner;
    this.mountpoint = mountpoint;
    this.properties = properties;
    this.published = published;
  }

  get confirmInterval(): number {
    return (this.properties.observerCheck ?? DEFAULT_OBSERVER_CHECK) * 1000;
  }

  /** Whether there are as many observers as there may be. */
  get full(): boolean {
    return this.observations.size >= (this.properties.maxSubscribers ?? Number.POSITIVE_INFINITY);
  }

  /** The observers beyond `max-subscribers`, the newest ones, are told that it is over, §2.5.3. */
  dismissSurplus(): void {
    const { maxSubscribers = Number.POSITIVE_INFINITY } = this.properties;
    const surplus = [...this.observations].slice(maxSubscribers);
    for (const observation of surplus) observation.terminate(ResponseCode.NotFound, 'too many subscribers');
  }

  /** All observers are told that there is nothing to observe, §3.2.4. */
  dismissAll(): void {
    for (const observation of [...this.observations]) {
      observation.terminate(ResponseCode.NotFound, 'the data has been deleted');
    }
  }
}

/** Path of a topic resource. */
export function topicPath(id: string): string {
  return `/ps/${id}`;
}

/** Path of the topic-data resource of a topic. */
export function dataPath(id: string): string {
  return `/ps/data/${id}`;
}
