import {
  type Block,
  blockOption,
  type CoapMessage,
  type CoapOption,
  decode,
  describe,
  emptyMessage,
  encode,
  MessageType,
  Method,
  OptionNumber,
  stringOption,
  uintOption,
} from '@portico/codec-coap';
import type { Channel, ConnectionInfo, MaybePromise, Peer } from '@portico/core';
import type { RecordingPeer, TestHub } from '@portico/core/testing';
import { BufferSink } from '@portico/frame';
import { ObserveOrder } from './observe-order.js';

/** The gateway that devices speak to. @typeParam C its channels */
export interface GatewayUnderTest<C> {
  /** As in the configuration. */
  readonly name: string;
  readonly hub: TestHub;
  readonly gateway: { createChannel(peer: Peer<CoapMessage>): C };
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

/** One peer. Its datagrams are overwritten as soon as the gateway has had them. */
export class Device<C extends Channel<CoapMessage> = Channel<CoapMessage>> {
  readonly peer: RecordingPeer<CoapMessage>;
  readonly channel: C;
  readonly #order: ObserveOrder;
  #messageId = 0;
  #lastConfirmable = -1;

  constructor(test: GatewayUnderTest<C>, port: number, connection: Partial<ConnectionInfo>) {
    this.#order = new ObserveOrder(test.hub.clock);
    const peer = { host: '192.0.2.7', port };
    this.peer = test.hub.peer<CoapMessage>(test.name, { transport: 'udp', peer, ...connection });
    this.channel = test.gateway.createChannel(this.peer);
    this.peer.attach(this.channel);
  }

  /** A datagram arrives. */
  receives(datagram: Buffer): MaybePromise<void> {
    this.peer.received();
    const pending = this.channel.onFrame(decode(datagram));
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

  /**
   * Responds to a request of the hub.
   * @param parts that differ from the ordinary: on the acknowledgement, with the token of the request
   */
  responds(request: CoapMessage, code: number, parts: RequestParts = {}): MaybePromise<void> {
    const { type = MessageType.ACK, token, messageId, options = [], payload = '' } = parts;
    if (type !== MessageType.ACK) this.#messageId++;
    return this.sends({
      type,
      code,
      messageId: messageId ?? (type === MessageType.ACK ? request.messageId : this.#messageId),
      token: token === undefined ? request.token : Buffer.from(token, 'hex'),
      options: options.toSorted((a, b) => a.number - b.number),
      payload: Buffer.from(payload),
    });
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
