import type { Clock, Timers } from '@portico/core';
import type { Random } from './random.js';
import type { Tally } from './tally.js';

/**
 * What a simulated device is to the fleet that it is in. Its life:
 *
 * 1. The fleet makes it, with what it may use of the fleet: {@link MakeDevice}.
 * 2. When a connection to the platform is open it is told, with the way out: {@link Device.opened}. It logs in as its
 *    protocol has it, and says by {@link Uplink.accepted} or {@link Uplink.refused} what the platform thinks of it.
 * 3. Bytes of the platform come by {@link Device.received}.
 * 4. When the connection is gone it is told by {@link Device.closed}. The fleet opens another in a while.
 * 5. At the end of the simulation it may take leave of the platform: {@link Device.leave}.
 */
export interface Device {
  opened(uplink: Uplink): void;
  /**
   * @param bytes good until the call returns
   * @throws FrameError when they are none of the protocol; the connection ends
   */
  received(bytes: Buffer): void;
  /** After this the uplink is of no use. Comes once for each `opened`. */
  closed(): void;
  /** Sends what a device says before it goes, and stops all its timers; the fleet closes the connection, if there is one. */
  leave(): void;
}

/** A device's way to the platform, for one connection. */
export interface Uplink {
  /** Sends bytes, of a datagram all of it; the memory is the uplink's from now on. */
  send(bytes: Buffer): void;
  /** The platform has let the device in. */
  accepted(): void;
  /** The platform has not: the connection ends, and the device tries again later. @param reason for the summary, of few */
  refused(reason: string): void;
  /** The device does not believe that it is in any more: it connects anew. @param reason as for `refused` */
  lost(reason: string): void;
  /** Ends the connection because the device wants to. It comes back. */
  hangUp(): void;
}

/** What a device may use of its fleet. */
export interface DeviceServices {
  /** Which device of the fleet it is, from 0 on. */
  readonly index: number;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Of this device alone. */
  readonly random: Random;
  readonly tally: Tally;
}

export type MakeDevice = (services: DeviceServices) => Device;

/** What becomes of a connection. After `closed` nothing comes any more. */
export interface LinkEvents {
  opened(): void;
  /** @param bytes good until the call returns */
  received(bytes: Buffer): void;
  /** @param reason why, when nobody of this side wanted it: `ECONNREFUSED` */
  closed(reason: string): void;
}

/** A connection, being opened or open. */
export interface Link {
  send(bytes: Buffer): void;
  /** Ends it when all is sent. */
  end(): void;
  /** Ends it at once. */
  destroy(): void;
}

/** Opens a connection to the platform. Its events do not come before it returns. */
export type Connect = (events: LinkEvents) => Link;
