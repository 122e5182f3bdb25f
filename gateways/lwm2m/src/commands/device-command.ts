import type { OutgoingRequest } from '@portico/coap-endpoint';
import type { Delivery } from '../firmware/delivery.js';
import type { Queued } from '../queue/command-queue.js';
import type { CommandView } from '../queue/command-view.js';
import type { Command } from './command.js';

/** What the device is sent for a command, without token; or what brings it new software, and knows that later. */
export type Sends = OutgoingRequest | Delivery;

/** A command in the queue of its device. */
export class DeviceCommand implements Queued {
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

/** A command as operators see it. */
export function viewOf(
  endpoint: string,
  { fields, reqPath }: Pick<Command, 'fields' | 'reqPath'>,
  state: CommandView['state'],
): CommandView {
  return { endpoint, reqID: fields.reqID, msgType: fields.msgType, path: reqPath, state };
}
