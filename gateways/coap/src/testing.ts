import {
  type Block,
  blockOption,
  type CoapMessage,
  CoapOption,
  codeText,
  decodeBlock,
  describe,
  emptyMessage,
  encode,
  findOption,
  MessageType,
  Method,
  OptionNumber,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import {
  type AuthenticationAnswer,
  type AuthorizationAnswer,
  type Channel,
  type Clock,
  type ConnectionInfo,
  type Gateway,
  type MaybePromise,
  Message,
} from '@portico/core';
import { type RecordingPeer, TestHub, type TestHubOptions } from '@portico/core/testing';
import { BufferSink } from '@portico/frame';
import { coapCodec } from './codec.js';
import { coapConfig } from './config.js';
import { coapGateway } from './gateway.js';

/** A hub with the CoAP gateway, and devices without sockets. Time-outs are not random unless the test says so. */
export class CoapTest {
  readonly hub: TestHub;
  readonly gateway: Gateway<CoapMessage, CoapMessage>;
  #port = 50_000;

  constructor(config: Record<string, unknown> = {}, options: TestHubOptions = {}) {
    this.hub = new TestHub(options);
    const parsed = coapConfig.parse({ ack_random_factor: 1, ...config });
    const context = this.hub.context('coap');
    this.gateway = coapGateway.create({ ...context, log: options.log ?? context.log }, parsed);
  }

  /** A device at an address of its own. @param connection what the listener knows of it */
  device(connection: Partial<ConnectionInfo> = {}): Device {
    return new Device(this, this.#port++, connection);
  }

  /** Moves time on. */
  wait(milliseconds: number): void {
    this.hub.clock.advance(milliseconds);
  }

  /** The counter `coap.<name>`. */
  count(name: string): number {
    return this.hub.metrics.get(`coap.${name}`);
  }

  /** Client ids that have a session, in order. */
  get clients(): string[] {
    return [...this.hub.engine.sessions.keys()].sort();
  }

  /** Answers every authentication. */
  authenticate(answer: (username: string | undefined) => MaybePromise<AuthenticationAnswer>): void {
    this.hub.access.addAuthenticator({ name: 'test', authenticate: ({ username }) => answer(username) });
  }

  /** Answers every question about publishing or about subscribing. */
  authorize(action: 'publish' | 'subscribe', answer: MaybePromise<AuthorizationAnswer>): void {
    this.hub.authorize(action, answer);
  }

  /** What clients of a filter are sent, as `topic=payload`. */
  listener(filter: string): { take(): string[] } {
    const client = this.hub.client(`listener of ${filter}`);
    client.subscribe(filter);
    return client;
  }

  /** Someone publishes. */
  publish(topic: string, payload: string, qos: 0 | 1 = 1, retain = false): void {
    const timestamp = this.hub.clock.now();
    this.hub.engine.publish(new Message({ topic, payload: Buffer.from(payload), qos, retain, timestamp }));
  }
}

/** Parts of a request that differ from the ordinary: confirmable, token 01. */
export interface RequestParts {
  readonly type?: MessageType;
  /** Hex. */
  readonly token?: string;
  readonly messageId?: number;
  readonly options?: readonly CoapOption[];
  readonly payload?: string | Buffer;
}

/** What an observer makes of sequence numbers, RFC 7641 §3.4. */
export class ObserveOrder {
  readonly #clock: Clock;
  readonly #newest = new Map<string, { value: number; at: number; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For messages of one token: 0 for the first, one more for each newer one; `stale` for one that is older. */
  place(message: CoapMessage): string | undefined {
    const value = findOption(message, OptionNumber.Observe)?.uint;
    if (value === undefined) return undefined;
    const token = message.token.toString('hex');
    const at = this.#clock.monotonic();
    const newest = this.#newest.get(token);
    if (newest?.value === value) return String(newest.count);
    if (newest !== undefined && !isNewer(newest, { value, at })) return 'stale';
    const count = (newest?.count ?? -1) + 1;
    this.#newest.set(token, { value, at, count });
    return String(count);
  }
}

interface Arrival {
  readonly value: number;
  readonly at: number;
}

function isNewer(before: Arrival, after: Arrival): boolean {
  const ahead = (after.value - before.value) & 0xffffff;
  return (ahead > 0 && ahead < 2 ** 23) || after.at > before.at + 128_000;
}

/** One peer. Its datagrams are overwritten as soon as the gateway has had them. */
export class Device {
  readonly peer: RecordingPeer<CoapMessage>;
  readonly channel: Channel<CoapMessage>;
  readonly #order: ObserveOrder;
  #messageId = 0;
  #lastConfirmable = -1;

  constructor(test: CoapTest, port: number, connection: Partial<ConnectionInfo>) {
    this.#order = new ObserveOrder(test.hub.clock);
    const peer = { host: '192.0.2.7', port };
    this.peer = test.hub.peer<CoapMessage>('coap', { transport: 'udp', peer, ...connection });
    this.channel = test.gateway.createChannel(this.peer);
    this.peer.attach(this.channel);
  }

  /** A datagram arrives. */
  receives(datagram: Buffer): MaybePromise<void> {
    this.peer.received();
    const pending = this.channel.onFrame(coapCodec.decode(datagram));
    datagram.fill(0xee);
    return pending;
  }

  sends(message: CoapMessage): MaybePromise<void> {
    const sink = new BufferSink();
    encode(message, sink);
    return this.receives(sink.take());
  }

  /** @param uri such as `mqtt/a?c=dev1`, percent-encoded */
  request(method: number, uri: string, parts: RequestParts = {}): MaybePromise<void> {
    const { type = MessageType.CON, token = '01', messageId, options = [], payload = '' } = parts;
    this.#messageId++;
    return this.sends({
      type,
      code: method,
      messageId: messageId ?? this.#messageId,
      token: Buffer.from(token, 'hex'),
      options: [...uriOptions(uri), ...options].toSorted((a, b) => a.number - b.number),
      payload: Buffer.from(payload),
    });
  }

  put(uri: string, payload: string | Buffer, parts: RequestParts = {}): MaybePromise<void> {
    return this.request(Method.PUT, uri, { payload, ...parts });
  }

  get(uri: string, parts: RequestParts = {}): MaybePromise<void> {
    return this.request(Method.GET, uri, parts);
  }

  /** One block of a payload, RFC 7959 §2.2. @param parts other options and so on */
  putBlock(uri: string, payload: Buffer, block: Block, parts: RequestParts = {}): MaybePromise<void> {
    const { num, size } = block;
    const options = [blockOption(OptionNumber.Block1, block), ...(parts.options ?? [])];
    return this.put(uri, payload.subarray(num * size, (num + 1) * size), { ...parts, options });
  }

  /** A whole payload in blocks of one size. */
  putInBlocks(uri: string, payload: Buffer, size: number, parts: RequestParts = {}): void {
    for (let num = 0; num === 0 || num * size < payload.length; num++) {
      this.putBlock(uri, payload, { num, more: (num + 1) * size < payload.length, size }, parts);
    }
  }

  observe(uri: string, token = '01', parts: RequestParts = {}): MaybePromise<void> {
    const options = [uintOption(OptionNumber.Observe, 0), ...(parts.options ?? [])];
    return this.get(uri, { ...parts, token, options });
  }

  unobserve(uri: string, token = '01'): MaybePromise<void> {
    return this.get(uri, { token, options: [uintOption(OptionNumber.Observe, 1)] });
  }

  /** Acknowledges the confirmable message received last. */
  acknowledges(): void {
    this.sends(emptyMessage(MessageType.ACK, this.#lastConfirmableId()));
  }

  /** Rejects the confirmable message received last. */
  rejects(): void {
    this.sends(emptyMessage(MessageType.RST, this.#lastConfirmableId()));
  }

  /**
   * Everything received since the last look, a line for each: message ids only where they are the device's,
   * {@link ObserveOrder.place} for sequence numbers.
   */
  look(): string[] {
    return this.#read().map(({ message, place }) => line(message, place));
  }

  /** Everything received since the last look. */
  take(): CoapMessage[] {
    return this.#read().map(({ message }) => message);
  }

  #read(): { message: CoapMessage; place: string | undefined }[] {
    const messages = this.peer.take();
    for (const { type, messageId } of messages) {
      if (type === MessageType.CON) this.#lastConfirmable = messageId;
    }
    return messages.map((message) => ({ message, place: this.#order.place(message) }));
  }

  /** Looks, acknowledging each confirmable message, until nothing more comes: the payloads received. */
  drain(): string[] {
    const payloads: string[] = [];
    for (let messages = this.take(); messages.length > 0; messages = this.take()) {
      for (const { type, messageId, payload } of messages) {
        payloads.push(payload.toString());
        if (type === MessageType.CON) this.sends(emptyMessage(MessageType.ACK, messageId));
      }
    }
    return payloads;
  }

  /** The connection is gone. */
  closes(reason = 'idle_timeout'): void {
    this.peer.end(reason);
    this.channel.onClose(reason);
  }

  #lastConfirmableId(): number {
    this.#lastConfirmable =
      this.peer.sent.findLast(({ type }) => type === MessageType.CON)?.messageId ?? this.#lastConfirmable;
    return this.#lastConfirmable;
  }
}

function line(message: CoapMessage, place: string | undefined): string {
  const text = describe(message).replace(/(?<= Observe=)\d+/, place ?? '');
  const ours = message.type === MessageType.CON || message.type === MessageType.NON;
  const shown = ours ? text.replace(/ mid=0x[0-9a-f]{4}/, '') : text;
  return shown.replace(/payload=\d+$/, () => JSON.stringify(message.payload.toString()));
}

function uriOptions(uri: string): CoapOption[] {
  const [path = '', query] = uri.split('?');
  const queries = query === undefined ? [] : query.split('&');
  return [
    ...path.split('/').map((segment) => stringOption(OptionNumber.UriPath, decodeURIComponent(segment))),
    ...queries.map((argument) => stringOption(OptionNumber.UriQuery, decodeURIComponent(argument))),
  ];
}

/** A request's Block2 option. */
export function block2(num: number, size: number): CoapOption {
  return blockOption(OptionNumber.Block2, { num, more: false, size });
}

/** Code and Block2 option of a response, as RFC 7959 §3 writes it. */
export function seen(answer: CoapMessage): string {
  const block = decodeBlock(findOption(answer, OptionNumber.Block2)?.uint ?? 7);
  const code = codeText(answer.code);
  return block === undefined ? code : `${code} 2:${block.num}/${block.more ? 1 : 0}/${block.size}`;
}

/** So many bytes, of which no two blocks are the same. */
export function bytes(length: number, seed = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 4) * 13 + seed));
}

/** An option by number, with any bytes. */
export function rawOption(number: number, hex: string): CoapOption {
  return CoapOption.of(number, Buffer.from(hex, 'hex'));
}

/** Numbers that are the same in each run. */
export class Dice {
  #state = 7252;

  /** An integer from 0 to `sides` - 1. */
  roll(sides: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * sides);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)] as T;
  }
}
