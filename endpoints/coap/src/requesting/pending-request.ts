import {
  type Block,
  blockOption,
  type CoapMessage,
  type CoapOption,
  decodeBlock,
  MessageType,
  Method,
  NO_BYTES,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import { Timer } from '@portico/core';
import type { Confirmable, MessageBody, Outcome } from '../messages/confirmable-sender.js';
import { isSuccess } from '../serving/response.js';
import { BlockFetch } from './block-fetch.js';
import { BlockPush } from './block-push.js';
import type {
  IncomingResponse,
  OutgoingRequest,
  RequestFailure,
  RequestHandle,
  ResponseHandler,
} from './outgoing-request.js';
import type { RequestSettings } from './request-settings.js';

/** Observe of a request that ends an observation, RFC 7641 §2. */
const DEREGISTER = 1;

/** What a pending request needs of its peer's requester. */
export interface Transmitter {
  readonly settings: RequestSettings;
  /** Sends the next message of it, when its turn has come. */
  transmit(request: PendingRequest): void;
  /** Its latest message is not to be sent, or answered, any more. */
  withdraw(request: PendingRequest): void;
  /** Nothing more of it will be sent. */
  ended(request: PendingRequest): void;
  /** A name for a response in blocks that no other of the peer has. */
  nextDownload(): string;
  /** What tells the blocks of a payload from those that the peer may still have of one that was given up. */
  requestTag(): readonly CoapOption[];
  /** A payload in blocks will not be sent to its end. */
  pushGivenUp(): void;
}

/**
 * One request until it has its response: in a message, or in as many as it and its response have blocks, each with a
 * token of its own (RFC 9175 §4.2) and sent when the one before has been answered.
 */
export class PendingRequest implements Confirmable, RequestHandle {
  readonly #transmitter: Transmitter;
  readonly #request: OutgoingRequest;
  readonly #handler: ResponseHandler;
  #token: Buffer = NO_BYTES;
  /** How far its latest message is. */
  #phase: 'waiting' | 'sent' | 'acknowledged' | 'answered' | 'over' = 'waiting';
  /** Awaits the response to an acknowledged message; undefined while there always was one at once. */
  #timer: Timer | undefined;
  /** Undefined for a payload that goes in one message. */
  #push: BlockPush | undefined;
  /** Of all its blocks; undefined while none was sent. */
  #tag: readonly CoapOption[] | undefined;
  /** Undefined for a response that has come in one message, or has not come. */
  #fetch: BlockFetch | undefined;
  #download = '';

  constructor(request: OutgoingRequest, handler: ResponseHandler, transmitter: Transmitter) {
    this.#request = request;
    this.#handler = handler;
    this.#transmitter = transmitter;
  }

  /** Of its latest message. */
  get token(): Buffer {
    return this.#token;
  }

  /** Whether its payload goes in blocks. */
  get isPush(): boolean {
    return this.#push !== undefined;
  }

  begin(): void {
    const { payload, token } = this.#request;
    const { maxBlockSize } = this.#settings;
    if (payload.length > maxBlockSize) this.#push = new BlockPush(payload, maxBlockSize);
    this.#transmit(token);
  }

  /** Begins with a response that has come already, unasked: fetches its further blocks. @param first borrowed */
  goOnWith(first: IncomingResponse): void {
    this.#take(first);
  }

  cancel(): void {
    this.fail('cancelled');
  }

  fail(reason: RequestFailure): void {
    if (this.#phase === 'over') return;
    this.#end();
    if (this.#push !== undefined) this.#transmitter.pushGivenUp();
    this.#settings.counters[`requests.failed.${reason}`].value++;
    this.#handler.failed(reason);
  }

  /** Whether a response with its token can be meant for it: one in an acknowledgement comes first of all. */
  awaits(response: CoapMessage): boolean {
    if (response.type === MessageType.ACK) return this.#phase === 'sent';
    if (this.#phase !== 'sent' && this.#phase !== 'acknowledged') return false;
    return !this.#isNotification(response);
  }

  /** Whether it is of the observation that the request is to renew or to cancel: both have one token (RFC 7641 §3.1, §3.6). */
  #isNotification({ options }: CoapMessage): boolean {
    const { token, observed, options: asked } = this.#request;
    if (observed !== true || this.#token !== token || observeIn(options) === undefined) return false;
    return this.#phase === 'sent' || observeIn(asked) === DEREGISTER;
  }

  /** The response to its latest message. @param response borrowed */
  received(response: IncomingResponse): void {
    this.#phase = 'answered';
    this.#stopWaiting();
    this.#transmitter.withdraw(this);
    this.#take(response);
  }

  // As a confirmable message

  get wanted(): boolean {
    return this.#phase !== 'over';
  }

  compose(): MessageBody {
    this.#phase = 'sent';
    const { method: code } = this.#request;
    if (this.#fetch !== undefined) return { code, token: this.#token, ...this.#fetching(this.#fetch) };
    if (this.#push !== undefined) return { code, token: this.#token, ...this.#pushing(this.#push) };
    const { options, payload } = this.#request;
    return { code, token: this.#token, options, payload };
  }

  settled(outcome: Outcome): void {
    if (this.#phase !== 'sent' && this.#phase !== 'waiting') return;
    if (outcome !== 'acknowledged') {
      this.fail(outcome);
      return;
    }
    this.#phase = 'acknowledged';
    this.#timer ??= new Timer(() => this.fail('timeout'));
    this.#settings.timers.arm(this.#timer, this.#settings.responseTimeout);
    if (this.#push === undefined && this.#fetch === undefined) this.#handler.acknowledged?.();
  }

  // What it is made of

  #fetching(fetch: BlockFetch): Pick<MessageBody, 'options' | 'payload'> {
    const { method, options, payload: whole } = this.#request;
    // A FETCH means nothing without its payload (RFC 8132 §2); anything else has been carried out by now.
    const payload = method === Method.FETCH && this.#push === undefined ? whole : NO_BYTES;
    const dropped =
      payload.length > 0 ? [OptionNumber.Observe] : [OptionNumber.Observe, OptionNumber.ContentFormat];
    const others = options.filter(({ number }) => !(dropped as readonly number[]).includes(number));
    return { options: ordered([...others, blockOption(OptionNumber.Block2, fetch.block)]), payload };
  }

  #pushing(push: BlockPush): Pick<MessageBody, 'options' | 'payload'> {
    const { block, part, total } = push;
    this.#tag ??= this.#transmitter.requestTag();
    const options = [...this.#request.options, ...this.#tag, blockOption(OptionNumber.Block1, block)];
    if (block.num === 0) options.push(uintOption(OptionNumber.Size1, total));
    return { options: ordered(options), payload: part };
  }

  // What comes of it

  #take(response: IncomingResponse): void {
    if (this.#fetch !== undefined) this.#takeBlock(this.#fetch, response);
    else if (this.#isFinal(response)) this.#takeFinal(response);
  }

  /** Whether it is the response to the whole request; sends on what is to be sent on, or fails, if it is not. */
  #isFinal(response: IncomingResponse): boolean {
    const block1 = blockIn(response, OptionNumber.Block1);
    this.#push ??= this.#smaller(response.code, block1);
    const push = this.#push;
    if (push === undefined) return true;
    const before = push.taken;
    const step = push.take(response.code, block1);
    if (step === 'incomplete') this.fail('incomplete');
    if (step !== 'next') {
      if (step === 'final' && isSuccess(response.code)) this.#handler.progress?.(push.total, push.total);
      return step === 'final' && this.#phase !== 'over';
    }
    if (push.taken > before) this.#handler.progress?.(push.taken, push.total);
    if (this.wanted) this.#transmit();
    return false;
  }

  /** A payload that would go in one message, for a peer that wants smaller ones (RFC 7959 §2.9.3). */
  #smaller(code: number, block1: Block | undefined): BlockPush | undefined {
    const { payload } = this.#request;
    const asked = code === ResponseCode.RequestEntityTooLarge && block1 !== undefined;
    if (!asked || block1.size >= payload.length) return undefined;
    return new BlockPush(payload, this.#settings.maxBlockSize);
  }

  #takeFinal(response: IncomingResponse): void {
    const { maxPayload, maxBlockSize, downloads } = this.#settings;
    if (!isSuccess(response.code) || !isInBlocks(response)) {
      if (response.payload.length > maxPayload) this.fail('too_large');
      else this.#respond(response);
      return;
    }
    this.#fetch = new BlockFetch(maxBlockSize, maxPayload, (reason) => {
      if (reason !== 'closed') this.#settings.counters[`downloads.dropped.${reason}`].value++;
      this.fail('incomplete');
    });
    this.#download = this.#transmitter.nextDownload();
    downloads.add(this.#transmitter, this.#download, this.#fetch);
    if (this.wanted) this.#takeBlock(this.#fetch, response);
  }

  #takeBlock(fetch: BlockFetch, response: IncomingResponse): void {
    if (!isSuccess(response.code)) {
      this.#respond(response);
      return;
    }
    const step = fetch.take(response);
    if (step === 'whole') this.#respond(fetch.response);
    else if (step === 'too_large') this.fail('too_large');
    else if (step === 'misfit' && !(this.#isHarmless && fetch.restart())) this.fail('incomplete');
    else this.#askOn();
  }

  /** Whether the peer may be asked for the first block once again: that is the whole request anew (RFC 7252 §5.1). */
  get #isHarmless(): boolean {
    const { method } = this.#request;
    return method === Method.GET || (method === Method.FETCH && this.#push === undefined);
  }

  #askOn(): void {
    this.#settings.downloads.used(this.#transmitter, this.#download);
    if (this.wanted) this.#transmit();
  }

  #respond(response: IncomingResponse): void {
    this.#end();
    this.#settings.counters['requests.answered'].value++;
    this.#handler.responded(response);
  }

  #end(): void {
    this.#phase = 'over';
    this.#stopWaiting();
    this.#transmitter.withdraw(this);
    this.#transmitter.ended(this);
    if (this.#fetch !== undefined) this.#settings.downloads.delete(this.#transmitter, this.#download);
  }

  #transmit(token?: Buffer): void {
    this.#phase = 'waiting';
    this.#token = token ?? this.#settings.tokens.next();
    this.#transmitter.transmit(this);
  }

  #stopWaiting(): void {
    if (this.#timer !== undefined) this.#settings.timers.cancel(this.#timer);
  }

  get #settings(): RequestSettings {
    return this.#transmitter.settings;
  }
}

/** The Observe option of a message, unless it has none. */
function observeIn(options: readonly CoapOption[]): number | undefined {
  return options.find(({ number }) => number === OptionNumber.Observe)?.uint;
}

/** The Block1 or Block2 option of a response, unless it has none that means something. */
function blockIn({ options }: IncomingResponse, number: number): Block | undefined {
  const option = options.find((one) => one.number === number);
  return option === undefined ? undefined : decodeBlock(option.uint);
}

/** Whether a response is but a part of the whole. */
function isInBlocks(response: IncomingResponse): boolean {
  const block = blockIn(response, OptionNumber.Block2);
  return block !== undefined && (block.more || block.num > 0);
}

function ordered(options: CoapOption[]): CoapOption[] {
  return options.sort((a, b) => a.number - b.number);
}
