import { type CoapMessage, type CoapOption, NO_OPTIONS, OptionNumber, uintOption } from '@portico/codec-coap';
import type { MessageLayer } from '../messages/message-layer.js';
import type {
  IncomingResponse,
  OutgoingRequest,
  RequestHandle,
  ResponseHandler,
} from './outgoing-request.js';
import { PendingRequest, type Transmitter } from './pending-request.js';
import type { RequestSettings } from './request-settings.js';

/**
 * The requests of the hub to one peer, and which responses are theirs: by token (RFC 7252 §5.3.2). They go out one at a
 * time, each when the one before has been acknowledged (NSTART, RFC 7252 §4.7), in the order in which they come; payloads in
 * blocks each when the one before has its response.
 */
export class Requester implements Transmitter {
  readonly settings: RequestSettings;
  readonly #layer: MessageLayer;
  /** By the token of their latest message. */
  readonly #pending = new Map<string, PendingRequest>();
  /** Those whose payload goes in blocks: the first is on its way, the others wait for its end. */
  readonly #pushes: PendingRequest[] = [];
  #downloads = 0;
  #pushesGivenUp = 0;

  constructor(layer: MessageLayer, settings: RequestSettings) {
    this.#layer = layer;
    this.settings = settings;
  }

  /**
   * Sends a request.
   * @param handler told what becomes of it, `queue_full` and `closed` before this returns
   */
  send(request: OutgoingRequest, handler: ResponseHandler): RequestHandle {
    return this.#start(request, handler, (pending) => pending.begin());
  }

  /**
   * Fetches what follows the first block of a response that has come unasked: a notification (RFC 7959 §3.4).
   * @param request for the resource that is observed; its Observe option and token are not sent
   * @param first that response; borrowed until this returns
   * @param handler gets the whole, with the options of the first block
   */
  sendForRest(request: OutgoingRequest, first: IncomingResponse, handler: ResponseHandler): RequestHandle {
    return this.#start(request, handler, (pending) => pending.goOnWith(first));
  }

  /** A response of the peer. @param response borrowed @returns whether it is one to a request of here */
  receive(response: CoapMessage): boolean {
    const pending = this.#pending.get(keyOf(response.token));
    if (pending === undefined || !pending.awaits(response)) return false;
    pending.received(response);
    return true;
  }

  /** The peer is gone; the message layer has been closed. */
  close(): void {
    for (const pending of [...this.#pending.values()]) pending.fail('closed');
  }

  // For pending requests

  transmit(request: PendingRequest): void {
    this.#pending.set(keyOf(request.token), request);
    if (!request.isPush || this.#mayPush(request)) this.#layer.sendConfirmable(request);
  }

  withdraw(request: PendingRequest): void {
    const key = keyOf(request.token);
    if (this.#pending.get(key) === request) this.#pending.delete(key);
    this.#layer.withdraw(request);
  }

  ended(request: PendingRequest): void {
    const place = this.#pushes.indexOf(request);
    if (place < 0) return;
    this.#pushes.splice(place, 1);
    const [next] = this.#pushes;
    if (place === 0 && next !== undefined) this.#layer.sendConfirmable(next);
  }

  nextDownload(): string {
    this.#downloads++;
    return String(this.#downloads);
  }

  /** None where all before came to their end; else one that no payload before it had (RFC 9175 §3.5.1). */
  requestTag(): readonly CoapOption[] {
    if (this.#pushesGivenUp === 0) return NO_OPTIONS;
    return [uintOption(OptionNumber.RequestTag, this.#pushesGivenUp)];
  }

  pushGivenUp(): void {
    this.#pushesGivenUp++;
  }

  /** Blocks of two payloads for one resource must not mix: a peer could not tell them apart (RFC 7959 §2.5). */
  #mayPush(request: PendingRequest): boolean {
    if (!this.#pushes.includes(request)) this.#pushes.push(request);
    return this.#pushes[0] === request;
  }

  #start(
    request: OutgoingRequest,
    handler: ResponseHandler,
    begin: (pending: PendingRequest) => void,
  ): RequestHandle {
    const pending = new PendingRequest(request, handler, this);
    if (this.#pending.size >= this.settings.maxRequests) {
      pending.fail('queue_full');
    } else {
      this.settings.counters['requests.sent'].value++;
      begin(pending);
    }
    return pending;
  }
}

function keyOf(token: Buffer): string {
  return token.toString('latin1');
}
