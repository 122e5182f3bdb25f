import type { QoS } from '@portico/codec-mqtt';
import type { Lane } from './lane.js';

/** A PUBLISH packet as a subscriber's application gets it: at QoS 2 without repetitions of the same exchange. */
export interface Reception {
  readonly topic: string;
  /** Which message of its lane; undefined when it is none that was ever sent there. */
  readonly number: number | undefined;
  readonly qos: QoS;
  /** Which connection it came by; each has another name. */
  readonly connection: string;
}

/** What a subscriber should have got, and what it got, in order. */
export interface DeliveryRecord {
  readonly subscriber: string;
  /** Of its subscription. */
  readonly qos: 1 | 2;
  /** All that its subscription matches. It was subscribed before their first message. */
  readonly lanes: readonly Lane[];
  readonly receptions: readonly Reception[];
  /** Several subscribers got them together: between them there is no order (MQTT 5 §4.8.2). */
  readonly shared?: boolean;
}

/**
 * Something that must not be:
 * - `loss`: an acknowledged message that a subscriber never got
 * - `duplicate`: at QoS 2 any, at QoS 1 one that neither the publisher nor a new connection explains
 * - `order`: a message that came, for the first time, behind a later one of its lane
 * - `stranger`: a message that nobody sent, or not to this subscriber, or not like that
 * - `identifier`: a packet identifier used for another message before its exchange was over, or a repetition
 *   without DUP
 * - `session`, `subscription`, `retained`: state that was acknowledged and is not there any more, or the reverse
 * - `hub`: what the hub itself calls an error
 * - `halt`: the trial could not go on
 */
export type FindingKind =
  | 'loss'
  | 'duplicate'
  | 'order'
  | 'stranger'
  | 'identifier'
  | 'session'
  | 'subscription'
  | 'retained'
  | 'hub'
  | 'halt';

export interface Finding {
  readonly kind: FindingKind;
  /** Who saw it and what, in one line. */
  readonly text: string;
}

/** Compares what a subscriber got with what was sent: a finding for each kind of fault on each topic. */
export function checkDeliveries(record: DeliveryRecord): Finding[] {
  const { subscriber, lanes, receptions } = record;
  const byTopic = new Map<string, Reception[]>(lanes.map(({ topic }) => [topic, []]));
  const strangers = new Set<string>();
  for (const reception of receptions) {
    const ofTopic = byTopic.get(reception.topic);
    if (ofTopic === undefined) strangers.add(reception.topic);
    else ofTopic.push(reception);
  }
  return [
    ...lanes.flatMap((lane) => checkLane(record, lane, byTopic.get(lane.topic) ?? [])),
    ...[...strangers].map((topic): Finding => ({ kind: 'stranger', text: `${subscriber}: ${topic}` })),
  ];
}

function checkLane(record: DeliveryRecord, lane: Lane, receptions: readonly Reception[]): Finding[] {
  const qos = Math.min(record.qos, lane.qos);
  const known = receptions.filter((reception) => isKnown(reception, lane, qos));
  const faults: readonly [FindingKind, readonly unknown[]][] = [
    ['loss', lost(lane, known)],
    ['duplicate', qos === 2 ? repeated(known) : unexplained(lane, known)],
    ['order', record.shared ? [] : late(known)],
    [
      'stranger',
      receptions.filter((reception) => !isKnown(reception, lane, qos)).map(({ number }) => number),
    ],
  ];
  return faults
    .filter(([, numbers]) => numbers.length > 0)
    .map(([kind, numbers]) => ({
      kind,
      text: `${record.subscriber}, QoS ${qos}: ${lane.topic}: ${listed(numbers)}`,
    }));
}

/** Whether the message was sent at all before it came, and came with the right QoS (MQTT 3.1.1 §3.8.4). */
function isKnown({ number, qos }: Reception, lane: Lane, deliveryQos: number): boolean {
  return number !== undefined && (lane.messages[number]?.sends ?? 0) > 0 && qos === deliveryQos;
}

function lost(lane: Lane, receptions: readonly Reception[]): number[] {
  const received = new Set(receptions.map(({ number }) => number));
  return [...lane.messages.keys()].filter(
    (number) => lane.messages[number]?.acknowledged === true && !received.has(number),
  );
}

/** Messages that came more than once. */
function repeated(receptions: readonly Reception[]): unknown[] {
  const seen = new Set<unknown>();
  const again: unknown[] = [];
  for (const { number } of receptions) {
    if (seen.has(number)) again.push(number);
    seen.add(number);
  }
  return again;
}

/**
 * Messages that came more often by one connection than their publisher sent them: no delivery is repeated before
 * the client has come back (MQTT 3.1.1 §4.4).
 */
function unexplained(lane: Lane, receptions: readonly Reception[]): unknown[] {
  const times = new Map<string, number>();
  return receptions
    .filter(({ number, connection }) => {
      const key = `${connection} ${number}`;
      const count = (times.get(key) ?? 0) + 1;
      times.set(key, count);
      return count > (lane.messages[Number(number)]?.sends ?? 0);
    })
    .map(({ number }) => number);
}

/** Messages whose first occurrence lies behind that of a later one. */
function late(receptions: readonly Reception[]): number[] {
  const seen = new Set<number>();
  let latest = -1;
  const late: number[] = [];
  for (const number of receptions.map((reception) => Number(reception.number))) {
    if (number < latest && !seen.has(number)) late.push(number);
    seen.add(number);
    latest = Math.max(latest, number);
  }
  return late;
}

/** `3 messages: 4, 5, 9` */
function listed(numbers: readonly unknown[]): string {
  const first = numbers.slice(0, 12).map((number) => number ?? 'damaged');
  const more = numbers.length > first.length ? ', …' : '';
  return `${numbers.length} ${numbers.length === 1 ? 'message' : 'messages'}: ${first.join(', ')}${more}`;
}
