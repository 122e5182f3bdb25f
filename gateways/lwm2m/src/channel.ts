import {
  type Answer,
  type Handler,
  MessageLayer,
  type MessageLayerSettings,
  type MessageLayerUser,
  type RequestChannel,
  Requester,
  type RequestLayer,
  type RequestSettings,
  type Transfers,
} from '@portico/coap-endpoint';
import { CoapFrameError, type CoapMessage } from '@portico/codec-coap';
import {
  type Channel,
  type ConnectionInfo,
  type FrameFault,
  isPromise,
  type MaybePromise,
  type Peer,
  type Traffic,
} from '@portico/core';
import type { Device, DeviceChannel } from './device.js';
import { Residents } from './residents.js';

/** Answers the requests for a resource of the gateway. */
export type Lwm2mHandler = Handler<Lwm2mChannel>;

/** What all channels share. */
export interface ChannelSettings {
  readonly layer: MessageLayerSettings;
  readonly requests: RequestLayer<Lwm2mChannel>;
  readonly requesting: RequestSettings;
  readonly transfers: Transfers;
  /** A frame has come of a peer that no device is known to be at. */
  arrived(channel: Lwm2mChannel): void;
  /** A response that no request asked for. @returns false when it is of no observation either */
  unrequested(message: CoapMessage, channel: Lwm2mChannel): boolean;
  /** The connection is gone, and what was asked by it has failed. */
  closed?(channel: Lwm2mChannel): void;
}

/**
 * One peer: an address and port, or a DTLS session. It is not a device: a device is its endpoint name (see `device.ts`),
 * and may come from elsewhere at any time.
 */
export class Lwm2mChannel implements Channel<CoapMessage>, MessageLayerUser, RequestChannel, DeviceChannel {
  readonly devices = new Residents();
  /** Requests to register from here that are not decided yet. */
  registering = 0;
  /** Whether it has shown that it receives what is sent to its address, see `EchoGuard`. */
  proven = false;
  readonly #peer: Peer<CoapMessage>;
  readonly #settings: ChannelSettings;
  readonly #layer: MessageLayer;
  /** Undefined while it has been asked nothing. */
  #requester: Requester | undefined;
  /** What is to be done when what answers the frame at hand has left; undefined for nothing. */
  #afterwards: (() => void)[] | undefined;
  /** Whom the frame at hand comes from, as far as it says. */
  #speaker: Device | undefined;
  #endpoint: string | undefined;

  constructor(peer: Peer<CoapMessage>, settings: ChannelSettings) {
    this.#peer = peer;
    this.#settings = settings;
    this.#layer = new MessageLayer(peer, settings.layer, this);
  }

  get traffic(): Traffic {
    return this.#peer.traffic;
  }

  get info(): ConnectionInfo {
    return this.#peer.info;
  }

  get requester(): Requester {
    this.#requester ??= new Requester(this.#layer, this.#settings.requesting);
    return this.#requester;
  }

  /** The frame at hand is of that device; log lines show the last one. */
  serves(device: Device): void {
    this.#speaker = device;
    const { endpoint, login } = device;
    if (this.#endpoint === endpoint) return;
    this.#endpoint = endpoint;
    this.#peer.identify({ clientId: endpoint, username: login.username });
  }

  /** Has something done when the peer has been sent the answer to the frame at hand. */
  afterwards(run: () => void): void {
    this.#afterwards ??= [];
    this.#afterwards.push(run);
  }

  // From the message layer

  onRequest(message: CoapMessage): MaybePromise<Answer> {
    return this.#settings.requests.handle(message, this);
  }

  onResponse(message: CoapMessage): boolean {
    return this.#requester?.receive(message) === true || this.#settings.unrequested(message, this);
  }

  onPing(): void {}

  onReadyToSend(): void {}

  // From the connection

  onFrame(message: CoapMessage): MaybePromise<void> {
    if (this.devices.size === 0) this.#settings.arrived(this);
    const pending = this.#layer.receive(message);
    if (isPromise(pending)) return pending.then(() => this.#conclude());
    this.#conclude();
  }

  /** Whatever comes is a sign of life of the one device there is here, or of the one that it says it is of. */
  #conclude(): void {
    const speaker = this.#speaker ?? this.devices.only;
    const afterwards = this.#afterwards;
    this.#speaker = undefined;
    this.#afterwards = undefined;
    if (afterwards === undefined) {
      speaker?.heard();
      return;
    }
    const run = () => {
      for (const action of afterwards) action();
      speaker?.heard();
    };
    if (!this.#peer.whenDurable(run)) run();
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

  /** A device may sleep for as long as it is registered. */
  mayBeSilent(): boolean {
    return this.devices.size > 0;
  }

  onShutdown(): void {
    // CoAP has no farewell, and the devices stay registered.
  }

  /** The devices stay: they may speak from elsewhere, and end with their lifetimes if they do not. */
  onClose(): void {
    for (const device of this.devices) device.moveTo(undefined);
    this.#settings.transfers.forget(this);
    this.#layer.close();
    this.#requester?.close();
    this.#settings.closed?.(this);
  }
}
