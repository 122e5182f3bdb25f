import type { OutgoingRequest } from '@portico/coap-endpoint';
import type { PackageDelivery } from '../firmware/package-delivery.js';
import type { Queued } from '../queue/command-queue.js';
import type { Command } from './command.js';

/** What the device is sent for a command, without token; or what brings it new software, and knows that later. */
export type Sends = OutgoingRequest | PackageDelivery;

/** A command in the queue of its device. */
export class QueuedCommand implements Queued {
  /** Its place among all commands of the gateway. */
  readonly number: number;
  readonly command: Command;
  readonly sends: Sends;
  readonly expiresAt: number;
  /** Whether it is in the store. */
  stored = false;
  /** Of its request, once it has been sent. */
  token: Buffer | undefined;

  constructor(number: number, command: Command, sends: Sends, expiresAt: number) {
    this.number = number;
    this.command = command;
    this.sends = sends;
    this.expiresAt = expiresAt;
  }

  /** Whether it has been sent. */
  get sent(): boolean {
    return this.token !== undefined;
  }
}
