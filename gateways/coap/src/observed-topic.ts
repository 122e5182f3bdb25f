import type { Observation } from './observation.js';

/** A subscription of a client's session with the observations that it serves. */
export class ObservedTopic {
  readonly observations = new Set<Observation>();
  /** The one registered last: retained messages are for it alone. */
  latest: Observation | undefined;
  /** Whether the session has the subscription. */
  subscribed = false;

  /** @param filter topic filter, without mountpoint */
  constructor(readonly filter: string) {}

  /** Whom a message is for. */
  audience(retained: boolean): ReadonlySet<Observation> {
    return retained && this.latest !== undefined ? new Set([this.latest]) : this.observations;
  }
}
