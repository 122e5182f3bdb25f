import type { ClientInfo } from './client-info.js';
import type { StoredBody } from './durable/stored-delivery.js';

export type QoS = 0 | 1 | 2;

/** Bytes of memory that a user property takes beside its characters: a pair in a list, and two strings. */
const USER_PROPERTY_OVERHEAD = 128;

/** The properties that travel with a message from publisher to subscribers, MQTT 5 §3.3.2.3. */
export interface MessageProperties {
  /** 1 when the payload is UTF-8 text. */
  readonly payloadFormatIndicator?: number;
  /** Seconds from publication until the message is worthless. */
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Buffer;
  /** In the order given; names may repeat. */
  readonly userProperties?: readonly (readonly [name: string, value: string])[];
}

let wireSlots = 0;

/**
 * Reserves an index into {@link Message.wire}, for one form in which a protocol writes messages. Called by a gateway at
 * load time, not per message.
 */
export function allocateWireSlot(): number {
  return wireSlots++;
}

export interface MessageInit {
  topic: string;
  payload: Buffer;
  qos?: QoS;
  retain?: boolean;
  properties?: MessageProperties | undefined;
  /** Undefined for messages of the hub itself. */
  from?: ClientInfo | undefined;
  /** Milliseconds since 1970. */
  timestamp: number;
  /**
   * Whether the payload is the message's own for good; by default it may be a view into memory that is used again
   * after the current call, and {@link Message.keep} copies it.
   */
  owned?: boolean;
}

/**
 * One publication on its way through the hub. Immutable but for its caches.
 *
 * **Borrowed payload.** A message that comes straight off a socket points into the socket's read buffer and
 * is good only until the current call returns. Whoever holds it longer (queue, inflight window, retained
 * store, anything asynchronous) calls `keep()`; handlers that encode at once need not.
 */
export class Message {
  /** Topic name, mountpoint included. */
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: MessageProperties | undefined;
  readonly from: ClientInfo | undefined;
  readonly timestamp: number;
  /** Milliseconds since 1970 after which it is not delivered any more; Infinity for never. */
  readonly expiresAt: number;
  /**
   * The message as gateways have encoded it, so that fan-out encodes once. What is in a slot is known to the gateway
   * alone that reserved it, see {@link allocateWireSlot}; it may point into the payload.
   */
  wire: unknown[] | undefined = undefined;
  /** Receivers of the current publication; 1 means that caching wire forms does not pay. */
  fanout = 1;
  /** What the store knows it as; undefined when it is not there. */
  stored: StoredBody | undefined = undefined;
  #payload: Buffer;
  #owned: boolean;

  constructor(init: MessageInit) {
    this.topic = init.topic;
    this.qos = init.qos ?? 0;
    this.retain = init.retain ?? false;
    this.properties = init.properties;
    this.from = init.from;
    this.timestamp = init.timestamp;
    const expiry = init.properties?.messageExpiryInterval;
    this.expiresAt = expiry === undefined ? Number.POSITIVE_INFINITY : init.timestamp + expiry * 1000;
    this.#payload = init.payload;
    this.#owned = init.owned ?? false;
  }

  get payload(): Buffer {
    return this.#payload;
  }

  /**
   * Bytes that it takes to hold: payload, topic and properties, a character of text for a byte; of a user
   * property also what an empty one takes.
   */
  get size(): number {
    return sizeOf(this);
  }

  /** Makes the message safe to hold past the current call; returns itself. */
  keep(): this {
    if (!this.#owned) {
      const own = Buffer.allocUnsafe(this.#payload.length);
      own.set(this.#payload);
      this.#payload = own;
      this.#owned = true;
      this.wire = undefined;
    }
    return this;
  }

  /** The publication has been sent to all: what it is kept for, as retained message or in a queue, is one at a time. */
  forgetWireForms(): void {
    this.wire = undefined;
    this.fanout = 1;
  }

  /** A copy with other fields, for hooks that change a message. A new payload is the message's own from now on. */
  with(changes: Partial<Pick<MessageInit, 'topic' | 'payload' | 'qos' | 'retain' | 'properties'>>): Message {
    this.keep();
    return new Message({
      topic: this.topic,
      payload: this.#payload,
      qos: this.qos,
      retain: this.retain,
      properties: this.properties,
      from: this.from,
      timestamp: this.timestamp,
      owned: true,
      ...changes,
    });
  }

  /** Seconds left until expiry, at least 0; undefined when the message never expires. */
  remainingExpiry(now: number): number | undefined {
    if (this.expiresAt === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(0, Math.ceil((this.expiresAt - now) / 1000));
  }
}

/** Whether the hub itself says it, of itself: nobody's message, so it is not counted as published or dropped. */
export function isOwn({ from, topic }: Message): boolean {
  return from === undefined && topic.startsWith('$SYS/');
}

/** {@link Message.size} of what is a message, or will be one. */
export function sizeOf({
  topic,
  payload,
  properties,
}: Pick<Message, 'topic' | 'payload' | 'properties'>): number {
  const rest = properties === undefined ? 0 : sizeOfProperties(properties);
  return topic.length + payload.length + rest;
}

function sizeOfProperties(properties: MessageProperties): number {
  const { contentType, responseTopic, correlationData, userProperties = [] } = properties;
  let size = (contentType?.length ?? 0) + (responseTopic?.length ?? 0) + (correlationData?.length ?? 0);
  for (const [name, value] of userProperties) size += USER_PROPERTY_OVERHEAD + name.length + value.length;
  return size;
}
