/** What became of one message, as far as its publisher knows. */
export interface Sent {
  /** PUBLISH packets that went out for it, repetitions included. */
  sends: number;
  /** The hub has said that it has it: PUBACK, or PUBREC at QoS 2. */
  acknowledged: boolean;
}

/**
 * All messages of one publisher to one topic with one QoS: what MQTT keeps in order (MQTT 3.1.1 §4.6). Nobody else
 * publishes to the topic. A message is known by its number, from 0.
 */
export class Lane {
  /** Where its messages come. */
  readonly topic: string;
  /** Where they are published: the same, or behind a delay. */
  readonly publishedTo: string;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  readonly messages: Sent[] = [];

  /** @param delay seconds until the hub publishes them; 0 for at once */
  constructor(topic: string, qos: 1 | 2, retain = false, delay = 0) {
    this.topic = topic;
    this.publishedTo = delay === 0 ? topic : `$delayed/${delay}/${topic}`;
    this.qos = qos;
    this.retain = retain;
  }

  /** The number of a further message, which has not been sent yet. */
  next(): number {
    return this.messages.push({ sends: 0, acknowledged: false }) - 1;
  }

  payload(number: number): Buffer {
    return this.clears(number) ? Buffer.alloc(0) : messagePayload(this.topic, number);
  }

  /** Whether the message is an empty one, which clears the retained message (MQTT 3.1.1 §3.3.1.3). */
  clears(number: number): boolean {
    return this.retain && number % 7 === 6;
  }
}

/** Bytes of the shortest payload, of the steps by which they differ, and of the few large ones. */
const [SHORTEST, STEP, LARGE] = [48, 13, 20_000];

function messagePayload(topic: string, number: number): Buffer {
  const size = number % 500 === 499 ? LARGE : SHORTEST + STEP * (number % 16);
  return Buffer.from(`${topic} ${number} `.padEnd(size, '.'));
}

/** The number of the message that such a payload belongs to; undefined when it is not as it was sent. */
export function readPayload(topic: string, payload: Buffer): number | undefined {
  const number = Number(payload.toString('latin1', topic.length + 1, topic.length + 12).split(' ')[0]);
  return Number.isInteger(number) && messagePayload(topic, number).equals(payload) ? number : undefined;
}
