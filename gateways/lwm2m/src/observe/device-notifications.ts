import type { IncomingResponse } from '@portico/coap-endpoint';
import { type CoapMessage, OptionNumber, ResponseCode } from '@portico/codec-coap';
import { FrameError } from '@portico/frame';
import { requestOf } from '../commands/build-request.js';
import type { Command } from '../commands/command.js';
import type { AnswerListener } from '../commands/command-runner.js';
import type { CommandServices } from '../commands/command-services.js';
import { profileOf } from '../commands/device-profile.js';
import { readingOf } from '../commands/device-reading.js';
import type { Device } from '../device.js';
import { DeviceObservations } from './device-observations.js';
import { isObserve, type Observation } from './observation.js';
import { isFirstBlock, isLast, notificationText, sequenceOf } from './received-notification.js';

/** The observations of one device, which begin and end with its answers, and the notifications that come of them. */
export class DeviceNotifications implements AnswerListener {
  readonly #device: Device;
  readonly #shared: CommandServices;
  readonly #observations: DeviceObservations;

  /** @param remembered observations from before the hub started */
  constructor(device: Device, shared: CommandServices, remembered?: Observation[]) {
    this.#device = device;
    this.#shared = shared;
    this.#observations = new DeviceObservations(device, shared.tokens, shared.observations, remembered);
  }

  /** Whether there is room for what a command is to observe; what is observed already takes none. */
  admits({ operation }: Command): boolean {
    if (!isObserve(operation) || this.#observations.of(operation) !== undefined) return true;
    return this.#observations.size < this.#shared.settings.max_observations;
  }

  /** Whether a path is observed by itself. */
  observes(path: string): boolean {
    return this.#observations.has(path);
  }

  /** The device has forgotten them all. */
  clear(): void {
    this.#observations.clear();
  }

  // Answers

  /** To observe the same anew, or to cancel it, needs the token that it has (RFC 7641 §3.1, §3.6). */
  tokenFor({ operation }: Command): Buffer | undefined {
    return this.#observations.of(operation)?.token;
  }

  /**
   * What is to be cancelled is over also where the device does not answer: its notifications are rejected then. What is to
   * be observed anew is over where the device answers otherwise (RFC 7641 §4.1).
   */
  concluded(command: Command, token: Buffer, response: IncomingResponse | undefined): void {
    const { operation } = command;
    if (isObserve(operation)) {
      if (response === undefined) return;
      if (isObserved(response)) {
        this.#observations.begin(token, command);
        return;
      }
    }
    const observation = this.#observations.of(operation);
    if (observation !== undefined) this.#observations.end(observation);
  }

  // Notifications

  /** Takes a response that no request waits for. @returns whether it is a notification of the device */
  take(message: CoapMessage): boolean {
    const observation = this.#observations.find(message.token);
    if (observation === undefined) return false;
    this.#counters['notifications.received'].value++;
    if (!this.#isNew(observation, message)) return true;
    if (isFirstBlock(message)) this.#fetchRest(observation, message);
    else this.#tell(observation, message);
    return true;
  }

  #isNew(observation: Observation, message: CoapMessage): boolean {
    const sequence = sequenceOf(message);
    if (sequence === undefined || observation.takes(sequence, this.#shared.clock.monotonic())) return true;
    this.#counters['notifications.dropped.reordered'].value++;
    return false;
  }

  #fetchRest(observation: Observation, first: CoapMessage): void {
    const { operation } = observation.command;
    if (!isObserve(operation)) return;
    const request = requestOf(profileOf(this.#device.registration, this.#shared.types), operation);
    const handler = {
      responded: (whole: IncomingResponse) => this.#tell(observation, whole),
      failed: () => {
        this.#counters['notifications.dropped.incomplete'].value++;
      },
    };
    this.#device.requestRest(request, first, handler);
  }

  #tell(observation: Observation, message: IncomingResponse): void {
    const reading = readingOf(this.#device, observation.command, this.#shared);
    try {
      this.#device.publish('notify', notificationText(observation, message, reading));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#counters['notifications.dropped.malformed'].value++;
      const fields = { clientid: this.#device.endpoint, reason: error.message };
      this.#shared.log.warn(fields, 'a notification cannot be understood');
    }
    if (isLast(message)) this.#observations.end(observation);
  }

  get #counters() {
    return this.#shared.counters;
  }
}

/** Whether a device has taken an observation on, RFC 7641 §3.1. */
function isObserved({ code, options }: IncomingResponse): boolean {
  return code === ResponseCode.Content && options.some(({ number }) => number === OptionNumber.Observe);
}
