import type { AttachedSession, ConnectionInfo, PeerAddress } from '@portico/core';
import type { DeviceManagement } from './management.js';
import { type Registration, usesQueueMode } from './registration.js';
import type { OutgoingRequest, PendingRequest, ResponseHandler } from './requests.js';

/** Topics to which the gateway publishes for its devices, by their keys below `gateways.lwm2m.topics`. */
export type UplinkTopic = 'response' | 'notify' | 'register' | 'update';

/** Where a device is reached. */
export interface DeviceChannel {
  readonly info: ConnectionInfo;
  /** Sends a request to the peer. */
  request(request: OutgoingRequest, handler: ResponseHandler): PendingRequest;
}

/** Where a device was heard last. */
export interface Whereabouts {
  /** Full name: `lwm2m:udp:default`. */
  readonly listener: string;
  readonly peer: PeerAddress;
}

/** What all devices of a gateway share. */
export interface DeviceServices {
  /** Milliseconds on the monotonic clock. */
  now(): number;
  /** Publishes with QoS 0 to one of the topics of the configuration. */
  publish(device: Device, topic: UplinkTopic, payload: Buffer): void;
  /** The channel to where a device was before the hub started; undefined when there is no way but to wait for it. */
  reach(whereabouts: Whereabouts): DeviceChannel | undefined;
}

/** What makes a {@link Device}. */
export interface DeviceInit {
  readonly endpoint: string;
  readonly location: string;
  readonly registration: Registration;
  readonly owner: string | undefined;
  readonly whereabouts: Whereabouts;
}

/** One registered device: known by its endpoint name, wherever it speaks from. */
export class Device {
  readonly endpoint: string;
  /** Last segment of the path that it was told when it registered, `/rd/<location>`. */
  location: string;
  registration: Registration;
  /** Whose key it has shown in its handshake, see `provenPeer`: all its messages have to be that peer's. */
  owner: string | undefined;
  /** There while it has been taken into the gateway. */
  management: DeviceManagement | undefined;
  /** There while the hub has its session. */
  session: AttachedSession | undefined;
  /** When it was heard last, in milliseconds on the monotonic clock; undefined when not since the hub started. */
  lastHeard: number | undefined;
  readonly #services: DeviceServices;
  #whereabouts: Whereabouts;
  #channel: DeviceChannel | undefined;

  constructor(init: DeviceInit, services: DeviceServices) {
    this.endpoint = init.endpoint;
    this.location = init.location;
    this.registration = init.registration;
    this.owner = init.owner;
    this.#whereabouts = init.whereabouts;
    this.#services = services;
  }

  /** Whether it sleeps, and is to be sent something only while it is awake. */
  get queueMode(): boolean {
    return usesQueueMode(this.registration);
  }

  /** Where it was heard last, or is now: a DTLS peer with a connection id moves by itself. */
  get whereabouts(): Whereabouts {
    return this.#channel?.info ?? this.#whereabouts;
  }

  /** Where it is reached; undefined while that is gone, or it has not been heard since the hub started. */
  get channel(): DeviceChannel | undefined {
    return this.#channel;
  }

  /** It has spoken from there, or is gone from there. */
  set channel(channel: DeviceChannel | undefined) {
    this.#whereabouts = this.whereabouts;
    this.#channel = channel;
  }

  /**
   * Sends a request to the device, wherever it is. A device that has not been heard since the hub started is tried where
   * it was last.
   * @returns undefined when there is no way to it until it speaks: `handler` is not called
   */
  request(request: OutgoingRequest, handler: ResponseHandler): PendingRequest | undefined {
    this.#channel ??= this.#services.reach(this.#whereabouts);
    return this.#channel?.request(request, handler);
  }

  /** Publishes for the device, with QoS 0. @param payload is the hub's from now on */
  publish(topic: UplinkTopic, payload: Buffer): void {
    this.#services.publish(this, topic, payload);
  }
}
