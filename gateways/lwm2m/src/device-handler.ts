import type {
  ClientStatus,
  DeliverResult,
  DetachReason,
  Message,
  PeerAddress,
  QoS,
  SessionHandler,
  SubscriptionView,
  Traffic,
} from '@portico/core';
import type { Device } from './device.js';

/** Who is told of what happens to the sessions of devices. */
export interface DeviceHandlerOwner {
  /** Whether a device sleeps at present. */
  isAsleep(device: Device): boolean;
  /** The hub is about to take the session of a device away: its last moment to publish. */
  detaching(handler: DeviceHandler, reason: DetachReason): void;
  /** The session of a device is no longer the gateway's. */
  detached(handler: DeviceHandler, reason: DetachReason): void;
}

/** Takes what the session of a device delivers. Each time that a device registers it has a new one. */
export class DeviceHandler implements SessionHandler {
  /** What waits for the device is bounded by the gateway: it takes all, or drops it. */
  readonly writable = true;
  /** There when the hub has let it in. */
  device: Device | undefined;
  /** Whether the hub has taken the session away again, perhaps before anybody here has heard that it is there. */
  lost = false;
  readonly #owner: DeviceHandlerOwner;
  readonly #origin: PeerAddress;

  /** @param origin where the device asked to be let in from */
  constructor(owner: DeviceHandlerOwner, origin: PeerAddress) {
    this.#owner = owner;
    this.#origin = origin;
  }

  deliver(
    { payload, expiresAt }: Message,
    topic: string,
    _subscription: SubscriptionView,
    _qos: QoS,
    packetId: number,
  ): DeliverResult {
    const { device } = this;
    if (device?.control === undefined) return 'unwanted';
    device.control.accept(topic, payload, expiresAt);
    if (packetId !== 0) device.session?.acked(packetId);
    return 'ok';
  }

  /** See `SessionHandler.traffic`. */
  get traffic(): Traffic | undefined {
    return this.device?.channel?.traffic;
  }

  status(): ClientStatus {
    const { device } = this;
    if (device === undefined) return { state: 'registering', peer: this.#origin };
    return { state: this.#owner.isAsleep(device) ? 'asleep' : 'registered', peer: device.whereabouts.peer };
  }

  detaching(reason: DetachReason): void {
    this.#owner.detaching(this, reason);
  }

  detached(reason: DetachReason): void {
    this.lost = true;
    this.#owner.detached(this, reason);
  }
}
