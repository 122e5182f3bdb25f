import type {
  IncomingResponse,
  OutgoingRequest,
  Requester,
  RequestHandle,
  ResponseHandler,
} from '@portico/coap-endpoint';
import type { AttachedSession, ConnectionInfo, PeerAddress, Traffic } from '@portico/core';
import type { Mortal } from './deadlines.js';
import type { DeviceControl } from './device-control.js';
import type { LastValues } from './last-values.js';
import { type Registration, usesQueueMode } from './registration.js';
import type { Residents } from './residents.js';

/** Topics to which the gateway publishes for its devices, by their keys below `gateways.lwm2m.topics`. */
export type UplinkTopic = 'response' | 'notify' | 'register' | 'update';

/** Where a device is reached. */
export interface DeviceChannel {
  readonly info: ConnectionInfo;
  readonly traffic: Traffic;
  /** Those that spoke last from there. */
  readonly devices: Residents;
  /** Sends requests to the peer. */
  readonly requester: Requester;
}

/** Where a device was heard last. */
export interface Whereabouts {
  /** Full name: `lwm2m:udp:default`. */
  readonly listener: string;
  readonly peer: PeerAddress;
}

/** What the hub found out when it let a device in. */
export interface DeviceLogin {
  readonly username: string | undefined;
  readonly isSuperuser: boolean;
  readonly anonymous: boolean;
}

/** What all devices of a gateway share. */
export interface DeviceServices {
  /** Milliseconds on the monotonic clock. */
  now(): number;
  /** Publishes with QoS 0 to one of the topics of the configuration. */
  publish(device: Device, topic: UplinkTopic, payload: Buffer): void;
  /** The channel to where a device was; undefined when there is no way but to wait for it. */
  reach(whereabouts: Whereabouts): DeviceChannel | undefined;
}

/** What a device is made of. */
export interface DeviceInit {
  readonly endpoint: string;
  readonly location: string;
  readonly registration: Registration;
  readonly owner: string | undefined;
  readonly login: DeviceLogin;
  readonly whereabouts: Whereabouts;
}

/** One registered device: known by its endpoint name, wherever it speaks from. */
export class Device implements Mortal {
  readonly endpoint: string;
  /** Last segment of the path that it was told when it registered, `/rd/<location>`. */
  location: string;
  registration: Registration;
  /** Whose key it has shown in its handshake, see `provenPeer`: all its messages have to be that peer's. */
  owner: string | undefined;
  login: DeviceLogin;
  /** Its commands and observations; there as long as it is registered. */
  control: DeviceControl | undefined;
  /** There while the hub has its session. */
  session: AttachedSession | undefined;
  /** When it was heard last, in milliseconds on the monotonic clock; undefined when not since the hub started. */
  lastHeard: number | undefined;
  /** When its lifetime is over, in milliseconds on the monotonic clock. */
  deadline = 0;
  lookAt = 0;
  /** When it was registered or updated last, in milliseconds since 1970. */
  updatedAt = 0;
  /** When its lifetime is over by what is stored of it, in milliseconds on the monotonic clock. */
  storedDeadline = 0;
  /** What its resources were when it told them last; undefined while it told none. */
  values: LastValues | undefined;
  readonly #services: DeviceServices;
  #whereabouts: Whereabouts;
  #channel: DeviceChannel | undefined;

  constructor(init: DeviceInit, services: DeviceServices) {
    this.endpoint = init.endpoint;
    this.location = init.location;
    this.registration = init.registration;
    this.owner = init.owner;
    this.login = init.login;
    this.#whereabouts = init.whereabouts;
    this.#services = services;
  }

  /** Whether it sleeps, and is to be sent something only while it is awake. */
  get queueMode(): boolean {
    return usesQueueMode(this.registration);
  }

  /** Where it is, or was heard last: a DTLS peer with a connection id moves by itself. */
  get whereabouts(): Whereabouts {
    return this.#channel?.info ?? this.#whereabouts;
  }

  /** Where it is reached; undefined while that is gone, or it has not been heard since the hub started. */
  get channel(): DeviceChannel | undefined {
    return this.#channel;
  }

  /** It is reached there from now on; nowhere with undefined, until it speaks or is sent something. */
  moveTo(channel: DeviceChannel | undefined): void {
    const { listener, peer } = this.whereabouts;
    this.#whereabouts = { listener, peer };
    this.#channel?.devices.delete(this);
    this.#channel = channel;
    channel?.devices.add(this);
  }

  /**
   * Sends a request to the device, wherever it is; where it has not been heard since the hub started, to where it was.
   * @returns undefined when there is no way to it until it speaks: `handler` is not called
   */
  request(request: OutgoingRequest, handler: ResponseHandler): RequestHandle | undefined {
    if (this.#channel === undefined) this.moveTo(this.#services.reach(this.#whereabouts));
    return this.#channel?.requester.send(request, handler);
  }

  /**
   * Fetches what follows the first block of a notification, or of an answer that comes late.
   * @param request that it came of; its token and Observe option are not sent
   * @param first borrowed
   * @param handler gets the whole; not called when there is no way to the device
   */
  requestRest(request: OutgoingRequest, first: IncomingResponse, handler: ResponseHandler): void {
    this.#channel?.requester.sendForRest(request, first, handler);
  }

  /**
   * It has been heard. The channel calls this for the one device of its peer, and for one that registers, updates or
   * notifies.
   */
  heard(): void {
    this.lastHeard = this.#services.now();
    this.control?.heard();
  }

  /** Publishes for the device, with QoS 0. @param payload is the hub's from now on */
  publish(topic: UplinkTopic, payload: Buffer): void {
    this.#services.publish(this, topic, payload);
  }
}
