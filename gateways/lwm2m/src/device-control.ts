import type { CoapRequest, Response } from '@portico/coap-endpoint';
import type { CoapMessage } from '@portico/codec-coap';
import type { MaybePromise } from '@portico/core';
import type { CommandView } from './commands/command-view.js';
import type { Device } from './device.js';

/** How a device has come to be registered. */
export type Registered =
  /** It was not. */
  | 'new'
  /** It was, and lists the same objects. */
  | 'again'
  /** It was, and lists others: it has been reset, or has other software. */
  | 'changed'
  /** Before the hub started. */
  | 'restored';

/** Why a registration is over. */
export type RegistrationEnd =
  /** The device said so. */
  | 'deregistered'
  /** Its lifetime went by without an update. */
  | 'expired'
  /** The hub ended it: an operator, a limit, or somebody else with its name. */
  | 'removed';

/**
 * What the hub does with one device beyond knowing it: commands and observations. The device has it as `control`
 * from its first registration to the end of the last one.
 */
export interface DeviceControl {
  /** Its commands as operators see them: the last ones that are over, the one on its way, those that wait; in order. */
  readonly commands: readonly CommandView[];
  /**
   * A message for the device has come on the command topic; its payload is borrowed. It is the gateway's from now on.
   * @param topic without mountpoint
   * @param expiresAt milliseconds since 1970 after which it is worthless, Infinity for never
   */
  accept(topic: string, payload: Buffer, expiresAt: number): void;
  /** The device is registered, and has been told so: what waits for it may be sent, and objects be observed. */
  registered(how: Registered): void;
  /** The device has updated its registration, and has been told so. @param objects whether it lists others now */
  updated(objects: boolean): void;
  /** The device has been heard, whatever it said: it is awake, and what waits for it may be sent. */
  heard(): void;
  /** A response by whose token {@link Controller.observer} found the device has come: a notification, or a late answer; borrowed. */
  notified(message: CoapMessage): void;
  /** The device has sent values on its own (Send, LwM2M 1.2 §6.5.3). @param request with its whole payload */
  sent(request: CoapRequest): Response;
  /** The registration is over: what waits for the device is dropped, and what is stored of it forgotten. */
  ended(reason: RegistrationEnd): void;
  /** The gateway stops: nothing more is sent, and what is stored stays. */
  stop(): void;
}

/** Makes the controls of devices, and keeps what they share; one for each gateway. */
export interface Controller {
  /** For a device that registers. */
  control(device: Device): DeviceControl;
  /** For a device that was registered before the hub started: reads what is stored of it. */
  restore(device: Device): MaybePromise<DeviceControl>;
  /** Forgets what is stored of a device that is not restored. */
  forget(endpoint: string): void;
  /** Whose observation has that token; undefined for nobody's. */
  observer(token: Buffer): Device | undefined;
}
