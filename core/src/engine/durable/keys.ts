/** The tables of the store that sessions live in. Keys are numbers, if nothing else is said. */
export const TABLES = {
  /** What sessions have in common, see `Profile`. */
  profiles: 'profiles',
  sessions: 'sessions',
  subscriptions: 'subscriptions',
  /** Messages for several sessions, each once. */
  messages: 'messages',
  /** Messages that wait for a client or are on their way to it; for the keys see `DeliveryKey`. */
  deliveries: 'deliveries',
  /** Those of them that may have been sent since they were written down. */
  sent: 'sent',
  /** QoS 2 packet identifiers of clients that await their PUBREL; keys are `<session>.<packet identifier>`. */
  awaitingRelease: 'awaiting_release',
} as const;

/** A number as a key. */
export function keyOf(number: number): string {
  return number.toString(36);
}

/** The number that a key stands for, or begins with. */
export function numberOf(key: string): number {
  return Number.parseInt(key, 36);
}
