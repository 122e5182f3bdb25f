/** Filters and the topics that match them: all that the model knows of matching. */
export const FILTERS: Readonly<Record<string, readonly string[]>> = {
  '#': ['a', 'a/b', 'c'],
  'a/#': ['a', 'a/b'],
  '+': ['a', 'c'],
  'a/b': ['a/b'],
};

/** How far a message is: `received` when a PUBREC has been sent for it, `done` when nothing more may come of it. */
type Progress = 'waits' | 'sent' | 'received' | 'done';

/** A message that a session owes its client. */
export interface Owed {
  /** Its payload; greater than that of every message before it. */
  readonly number: number;
  readonly topic: string;
  readonly qos: number;
  packetId: number;
  progress: Progress;
}

/** What the standards say of a session: subscriptions, and what matched them. */
export class SessionModel {
  readonly subscriptions = new Map<string, number>();
  /** Whether it outlives its connection. */
  readonly lasts: boolean;
  readonly #owed = new Map<number, Owed>();

  constructor(lasts: boolean) {
    this.lasts = lasts;
  }

  /** A message is published: one copy of it, with the highest QoS of the subscriptions that match. */
  publish(number: number, topic: string, qos: number): void {
    const granted = [...this.subscriptions].flatMap(([filter, own]) =>
      FILTERS[filter]?.includes(topic) ? [own] : [],
    );
    if (granted.length === 0) return;
    const owed: Owed = {
      number,
      topic,
      qos: Math.min(qos, Math.max(...granted)),
      packetId: 0,
      progress: 'waits',
    };
    this.#owed.set(number, owed);
  }

  message(number: number): Owed | undefined {
    return this.#owed.get(number);
  }

  /** The message that waits for its PUBREL. */
  received(packetId: number): Owed | undefined {
    return [...this.#owed.values()].find(
      (owed) => owed.packetId === packetId && owed.progress === 'received',
    );
  }

  /** Of the same topic and QoS: nothing that was published before it has still to come, MQTT 5 §4.6. */
  earlierThan({ number, topic, qos }: Owed): Owed | undefined {
    return [...this.#owed.values()].find(
      (other) =>
        other.number < number && other.topic === topic && other.qos === qos && other.progress === 'waits',
    );
  }

  /** What a client that has been there long enough would have had. */
  get outstanding(): Owed[] {
    return [...this.#owed.values()].filter(({ qos, progress }) => qos > 0 && progress !== 'done');
  }
}
