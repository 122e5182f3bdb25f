import {
  blockOption,
  type CoapMessage,
  type CoapOption,
  decodeBlock,
  EMPTY_CODE,
  emptyMessage,
  findOption,
  isRequest,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  ResponseCode,
} from '@portico/codec-coap';
import { Timer, type Timers } from '@portico/core';
import type { Dice } from '../../testing/index.js';
import type { FarSide, LossyNetwork } from './lossy-network.js';

const { CON, NON, ACK, RST } = MessageType;
const ACK_TIMEOUT = 2000;
const MAX_RETRANSMIT = 4;
/** Milliseconds that a separate response is at most thought about. */
const MAX_THOUGHT = 4000;

type Body = Pick<CoapMessage, 'code' | 'options' | 'payload'>;

/**
 * A CoAP server as simple as RFC 7252 allows, written apart from the endpoint: GET tells its content, in blocks where it
 * is long; PUT, in blocks or not, and POST store what they bring. It answers in whichever way comes to its mind.
 */
export class SimulatedServer implements FarSide {
  /** What has been stored, each time. */
  readonly stored: Buffer[] = [];
  readonly #network: LossyNetwork;
  readonly #timers: Timers;
  readonly #dice: Dice;
  readonly #content: Buffer;
  readonly #blockSize: number;
  /** What was answered to a message id; undefined for nothing yet. */
  readonly #answered = new Map<number, CoapMessage | undefined>();
  /** Its own confirmable messages, by message id. */
  readonly #unacknowledged = new Map<number, Timer>();
  #upload: Buffer[] = [];
  #messageId = 0;

  constructor(network: LossyNetwork, timers: Timers, dice: Dice, content: Buffer, blockSize: number) {
    this.#network = network;
    this.#timers = timers;
    this.#dice = dice;
    this.#content = content;
    this.#blockSize = blockSize;
  }

  receive(message: CoapMessage): void {
    if (message.type === ACK || message.type === RST) this.#settle(message.messageId);
    else if (isRequest(message.code)) this.#onRequest(message);
    else if (message.code === EMPTY_CODE) this.#network.toHub(emptyMessage(RST, message.messageId));
  }

  #onRequest(request: CoapMessage): void {
    const { messageId } = request;
    if (this.#answered.has(messageId)) {
      const reply = this.#answered.get(messageId);
      if (reply !== undefined) this.#network.toHub(reply);
      return;
    }
    this.#answered.set(messageId, undefined);
    const body = this.#bodyOf(request);
    const { token } = request;
    const way = this.#dice.pick(['piggybacked', 'separate', 'unacknowledged'] as const);
    if (way === 'piggybacked') {
      this.#reply({ type: ACK, messageId, token, ...body });
      return;
    }
    if (way === 'separate') this.#reply(emptyMessage(ACK, messageId));
    this.#timers.after(this.#dice.roll(MAX_THOUGHT), () => this.#respond(token, body));
  }

  /** An answer to a message id, the same for each copy of it. */
  #reply(reply: CoapMessage): void {
    this.#answered.set(reply.messageId, reply);
    this.#network.toHub(reply);
  }

  #respond(token: Buffer, body: Body): void {
    const messageId = this.#messageId++;
    const type = this.#dice.pick([CON, NON]);
    const message = { type, messageId, token, ...body };
    this.#network.toHub(message);
    if (type === CON) this.#untilAcknowledged(message);
  }

  #untilAcknowledged(message: CoapMessage): void {
    let left = MAX_RETRANSMIT;
    let timeout = ACK_TIMEOUT;
    const timer = new Timer(() => {
      if (left-- === 0) return;
      timeout *= 2;
      this.#network.toHub(message);
      this.#timers.arm(timer, timeout);
    });
    this.#timers.arm(timer, timeout);
    this.#unacknowledged.set(message.messageId, timer);
  }

  #settle(messageId: number): void {
    const timer = this.#unacknowledged.get(messageId);
    if (timer !== undefined) this.#timers.cancel(timer);
  }

  #bodyOf(request: CoapMessage): Body {
    return request.code === Method.GET ? this.#read(request) : this.#write(request);
  }

  #read(request: CoapMessage): Body {
    const asked = blockOf(request, OptionNumber.Block2) ?? { num: 0, size: this.#blockSize };
    const size = Math.min(asked.size, this.#blockSize);
    const offset = asked.num * asked.size;
    const more = offset + size < this.#content.length;
    const options = [blockOption(OptionNumber.Block2, { num: offset / size, more, size })];
    return body(ResponseCode.Content, options, this.#content.subarray(offset, offset + size));
  }

  #write(request: CoapMessage): Body {
    const block = blockOf(request, OptionNumber.Block1);
    if (block === undefined) return this.#store(request.payload, []);
    if (block.num === 0) this.#upload = [];
    const offset = Buffer.concat(this.#upload).length;
    if (block.num * block.size !== offset) return body(ResponseCode.RequestEntityIncomplete, []);
    this.#upload.push(request.payload);
    const options = [
      blockOption(OptionNumber.Block1, { ...block, size: Math.min(block.size, this.#blockSize) }),
    ];
    if (block.more) return body(ResponseCode.Continue, options);
    return this.#store(Buffer.concat(this.#upload), options);
  }

  #store(payload: Buffer, options: readonly CoapOption[]): Body {
    this.stored.push(payload);
    return body(ResponseCode.Changed, options);
  }
}

function body(code: number, options: readonly CoapOption[], payload: Buffer = NO_BYTES): Body {
  return { code, options, payload };
}

function blockOf(request: CoapMessage, number: number) {
  const option = findOption(request, number);
  return option === undefined ? undefined : decodeBlock(option.uint);
}
