import { FrameError } from '@portico/frame';
import type { Device } from '../device.js';
import { observationsBefore, packageCommand } from '../firmware/firmware-command.js';
import { PackageDelivery } from '../firmware/package-delivery.js';
import type { DeviceNotifications } from '../observe/device-notifications.js';
import type { StoredCommand } from '../queue/command-store.js';
import { type Answered, failureAnswer } from './answers.js';
import { requestOf } from './build-request.js';
import type { Command } from './command.js';
import { CommandError } from './command-error.js';
import type { CommandRunner } from './command-runner.js';
import type { CommandServices } from './command-services.js';
import { endOf } from './command-view.js';
import { profileOf } from './device-profile.js';
import {
  type CommandText,
  eachCommandText,
  readCommand,
  readCommandText,
  requestPathOf,
} from './parse-command.js';
import type { Sends } from './queued-command.js';
import type { Failure } from './response-codes.js';

/**
 * What comes on the command topic of one device, from anybody who may publish there. What is no command is answered with
 * the reason where it has a `reqID`; where it has none, nobody would know what the answer is to: then it is logged.
 */
export class CommandEntrance {
  readonly #device: Device;
  readonly #shared: CommandServices;
  readonly #runner: CommandRunner;
  readonly #notifications: DeviceNotifications;

  constructor(
    device: Device,
    shared: CommandServices,
    runner: CommandRunner,
    notifications: DeviceNotifications,
  ) {
    this.#device = device;
    this.#shared = shared;
    this.#runner = runner;
    this.#notifications = notifications;
  }

  /**
   * @param topic without mountpoint
   * @param messageExpiry until when the message is good, milliseconds since 1970
   */
  accept(topic: string, payload: Buffer, messageExpiry: number): void {
    const text = packageCommand(topic, payload) ?? this.#read(payload.toString());
    if (text === undefined) return;
    this.#guarded(text, () => {
      for (const each of this.#eachText(text)) this.take(each, messageExpiry);
    });
  }

  /** @throws CommandError, FrameError for a `firmware` command that is wrong: then nothing is observed for it */
  #eachText(text: CommandText): CommandText[] {
    if (text.fields.msgType !== 'firmware') return eachCommandText(text);
    this.#prepare(text);
    return [...observationsBefore(text), text];
  }

  /** Takes in one command. @param messageExpiry as with `accept` */
  take(text: CommandText, messageExpiry: number): void {
    this.#shared.counters['commands.received'].value++;
    this.#guarded(text, () => {
      const { command, sends } = this.#prepare(text);
      if (this.#runner.size >= this.#shared.settings.max_commands) this.#refuse(command, 'queue_full');
      else if (!this.#notifications.admits(command)) this.#refuse(command, 'too_many_observations');
      else this.#runner.push(command, sends, Math.min(messageExpiry, this.#latestExpiry));
    });
  }

  /** Takes in what was stored when the hub started. One that was sent may have been carried out: it is not sent again. */
  restore({ number, text, expiresAt, sent }: StoredCommand): void {
    const read = this.#read(text);
    if (read === undefined) this.#shared.store.forget(this.#device.endpoint, number);
    else if (sent) this.#giveUp(number, read, 'interrupted');
    else this.#restoreUnsent(number, read, expiresAt);
  }

  /** The device that a stored command was for is not there any more, or is another one. */
  drop({ number, text }: StoredCommand): void {
    const read = this.#read(text);
    if (read === undefined) this.#shared.store.forget(this.#device.endpoint, number);
    else this.#giveUp(number, read, 'dropped');
  }

  #giveUp(number: number, text: CommandText, failure: 'interrupted' | 'dropped'): void {
    const { store, counters } = this.#shared;
    store.forget(this.#device.endpoint, number);
    counters[failure === 'dropped' ? 'commands.dropped' : 'commands.timeout'].value++;
    const command = answered(text);
    this.#runner.over(number, command, endOf(failure));
    this.#tell(command, failure);
  }

  #restoreUnsent(number: number, text: CommandText, expiresAt: number): void {
    const isGood = this.#guarded(text, () => {
      const { command, sends } = this.#prepare(text);
      this.#runner.restore(number, command, sends, expiresAt);
    });
    if (!isGood) this.#shared.store.forget(this.#device.endpoint, number);
  }

  #prepare(text: CommandText): { command: Command; sends: Sends } {
    const profile = profileOf(this.#device.registration, this.#shared.types);
    const command = readCommand(text, profile.typeOf);
    const { operation } = command;
    if (operation.type !== 'firmware') return { command, sends: requestOf(profile, operation) };
    const checked = this.#shared.firmware.checked(operation);
    const sends = new PackageDelivery(this.#device, this.#shared, command, checked, () =>
      this.#runner.pump(),
    );
    return { command, sends };
  }

  get #latestExpiry(): number {
    const { command_expiry } = this.#shared.settings;
    return command_expiry === 0 ? Number.POSITIVE_INFINITY : this.#shared.clock.now() + command_expiry;
  }

  /** Undefined for what is no JSON object. */
  #read(payload: string): CommandText | undefined {
    try {
      return readCommandText(payload);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#drop(error.message);
      return undefined;
    }
  }

  /** Refuses the command where that is why `run` throws. @returns whether it does not */
  #guarded(text: CommandText, run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      if (error instanceof CommandError) {
        this.#refuse(answered(text), error.unsupported ? 'unsupported' : 'invalid', error.message);
      } else if (error instanceof FrameError) {
        this.#refuse(answered(text), 'invalid', error.message);
      } else throw error;
      return false;
    }
  }

  #refuse(command: Answered, failure: Failure, reason?: string): void {
    if (failure === 'invalid' && command.fields.reqID === undefined) {
      this.#drop(reason);
      return;
    }
    this.#shared.counters['commands.refused'].value++;
    this.#tell(command, failure, reason);
  }

  #drop(reason: string | undefined): void {
    this.#shared.counters['commands.invalid'].value++;
    this.#shared.log.warn({ clientid: this.#device.endpoint, reason }, 'no command on the command topic');
  }

  #tell(command: Answered, failure: Failure, reason?: string): void {
    this.#device.publish('response', failureAnswer(command, failure, reason));
  }
}

function answered({ fields, data }: CommandText): Answered {
  return { fields, reqPath: requestPathOf(data) };
}
