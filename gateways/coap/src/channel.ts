import {
  type Answer,
  type Confirmable,
  type Handler,
  type MessageBody,
  MessageLayer,
  type MessageLayerSettings,
  type MessageLayerUser,
  type Rejectable,
  type RequestChannel,
  type RequestLayer,
} from '@portico/coap-endpoint';
import {
  CoapFrameError,
  type CoapMessage,
  type CoapOption,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import type {
  Channel,
  ClientNames,
  ConnectionInfo,
  FrameFault,
  MaybePromise,
  Peer,
  Traffic,
} from '@portico/core';
import type { Observation } from './observation.js';
import { ObserveSequence } from './observe-sequence.js';
import { Probing } from './probing.js';
import type { TopicTransfers } from './topic-transfers.js';

const NO_OBSERVATIONS: readonly Observation[] = [];

/** Answers the requests for a resource of the gateway. */
export type CoapHandler = Handler<CoapChannel>;

/** What all channels share. */
export interface ChannelSettings extends MessageLayerSettings {
  /** PROBING_RATE, bytes a second: see `probing.ts`. */
  readonly probingRate: number;
  /** Whether addresses have to prove themselves, see `echo-guard.ts`. */
  readonly provenOnly: boolean;
}

/**
 * One peer: an address and port, or whatever else the transport tells apart (an endpoint, RFC 7252 §1.2). It
 * is not a device: a device is its client id (see `client.ts`) and may come from many addresses, and many
 * devices may share one.
 */
export class CoapChannel implements Channel<CoapMessage>, MessageLayerUser, RequestChannel {
  /** Undefined while there has been none. */
  #observations: Map<string, Observation> | undefined;
  /** Whether it has shown that it receives what is sent to its address, see `echo-guard.ts`. */
  proven = false;
  /** How many clients have come in from here and are still there, wherever they speak from now. */
  clients = 0;
  readonly #peer: Peer<CoapMessage>;
  readonly #requests: RequestLayer<CoapChannel>;
  readonly #settings: ChannelSettings;
  readonly #layer: MessageLayer;
  readonly #transfers: TopicTransfers;
  /** Undefined while nothing has been observed from here. */
  #sequence: ObserveSequence | undefined;
  /** Undefined while it has got no non-confirmable notification. */
  #probing: Probing | undefined;
  #open = true;
  #clientId: string | undefined;

  constructor(
    peer: Peer<CoapMessage>,
    requests: RequestLayer<CoapChannel>,
    settings: ChannelSettings,
    transfers: TopicTransfers,
  ) {
    this.#peer = peer;
    this.#requests = requests;
    this.#settings = settings;
    this.#transfers = transfers;
    this.#layer = new MessageLayer(peer, settings, this);
  }

  /** The observations whose notifications go here, by token (`Observation.key`). */
  get observations(): Map<string, Observation> {
    this.#observations ??= new Map();
    return this.#observations;
  }

  get #present(): Iterable<Observation> {
    return this.#observations?.values() ?? NO_OBSERVATIONS;
  }

  /** False once the connection is gone. */
  get open(): boolean {
    return this.#open;
  }

  get traffic(): Traffic {
    return this.#peer.traffic;
  }

  get info(): ConnectionInfo {
    return this.#peer.info;
  }

  /** On the monotonic clock. */
  get lastReceived(): number {
    return this.#peer.lastReceived;
  }

  get mayBeVictim(): boolean {
    return this.#settings.provenOnly && !this.proven;
  }

  /** A client has spoken from here; log lines show the last one. */
  serves({ clientId, username }: ClientNames): void {
    if (this.#clientId === clientId) return;
    this.#clientId = clientId;
    this.#peer.identify({ clientId, username });
  }

  sendConfirmable(item: Confirmable): void {
    this.#layer.sendConfirmable(item);
  }

  /** Whether a non-confirmable message can be sent; if not, the observations are told when one can. */
  readyToSend(): boolean {
    return this.#layer.readyToSend();
  }

  sendNonConfirmable(body: MessageBody, rejectable: Rejectable | undefined): void {
    this.#layer.sendNonConfirmable(body, rejectable);
  }

  /** Whether a notification of so many bytes is to be confirmable, because the peer has been silent for so many. */
  owesSign(bytes: number): boolean {
    const { clock, probingRate } = this.#settings;
    this.#probing ??= new Probing(clock, probingRate);
    return this.#probing.exceeds(bytes);
  }

  /** The Observe option of the next response or notification. */
  nextObserve(): CoapOption {
    this.#sequence ??= new ObserveSequence(this.#settings.clock);
    return uintOption(OptionNumber.Observe, this.#sequence.next());
  }

  /** The peer did not acknowledge: no observation can be served here any more. */
  unreachable(): void {
    for (const observation of [...this.#present]) observation.lost('timeout');
  }

  // From the message layer

  onRequest(message: CoapMessage): MaybePromise<Answer> {
    return this.#requests.handle(message, this);
  }

  onPing(): void {
    for (const observation of this.#present) observation.client.seen(this);
  }

  onReadyToSend(): void {
    for (const observation of this.#present) observation.sendHeld();
  }

  // From the connection

  onFrame(message: CoapMessage): MaybePromise<void> {
    this.#probing?.heard();
    return this.#layer.receive(message);
  }

  onFrameError(error: FrameFault): void {
    this.#layer.reject(error instanceof CoapFrameError ? error.header : undefined);
  }

  onTimer(): void {
    this.#layer.onTimer();
  }

  onWritable(): void {
    // One confirmable message at a time: nothing waits for the socket.
  }

  onShutdown(): void {
    for (const observation of [...this.#present]) {
      observation.terminate(ResponseCode.ServiceUnavailable, 'server shutdown');
    }
  }

  /** The clients stay: they may speak from elsewhere, and end by their keepalive if they do not. */
  onClose(): void {
    this.#open = false;
    for (const observation of [...this.#present]) observation.lost('closed');
    this.#transfers.forget(this);
    this.#layer.close();
  }
}
