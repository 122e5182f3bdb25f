import type {
  IncomingResponse,
  OutgoingRequest,
  RequestFailure,
  RequestHandle,
  ResponseHandler,
} from '@portico/coap-endpoint';
import type { Device } from '../device.js';
import { PackageDelivery } from '../firmware/package-delivery.js';
import { PackageError } from '../firmware/package-error.js';
import { subjectOf } from '../observe/observation.js';
import { isFirstBlock } from '../observe/received-notification.js';
import { CommandQueue, type QueueOwner } from '../queue/command-queue.js';
import { type Answered, acknowledgement, deviceAnswer, failureAnswer } from './answers.js';
import type { Command } from './command.js';
import type { CommandServices } from './command-services.js';
import { type CommandEnd, type CommandView, endOf, viewOf } from './command-view.js';
import type { CounterName } from './counters.js';
import { readingOf } from './device-reading.js';
import { FinishedCommands } from './finished-commands.js';
import { textOfCommand } from './parse-command.js';
import { QueuedCommand, type Sends } from './queued-command.js';
import type { Failure } from './response-codes.js';

/** What follows from the answers of a device: what it is observed for. */
export interface AnswerListener {
  /** The token that a command has to be sent with; undefined for any. */
  tokenFor(command: Command): Buffer | undefined;
  /** A command that was sent is over. @param response what the device said; undefined when it said nothing */
  concluded(command: Command, token: Buffer, response: IncomingResponse | undefined): void;
}

/** What becomes of a command that there is no answer to. */
const FAILED: Readonly<Record<RequestFailure, { readonly failure: Failure; readonly counter: CounterName }>> =
  {
    timeout: { failure: 'timeout', counter: 'commands.timeout' },
    reset: { failure: 'reset', counter: 'commands.failed' },
    closed: { failure: 'closed', counter: 'commands.failed' },
    cancelled: { failure: 'dropped', counter: 'commands.failed' },
    too_large: { failure: 'too_large', counter: 'commands.failed' },
    incomplete: { failure: 'incomplete', counter: 'commands.failed' },
    queue_full: { failure: 'queue_full', counter: 'commands.failed' },
  };

/**
 * Sends one device its commands, one after the other while it is awake, and publishes its answers. A command is sent
 * once: one that the device has not answered in time is given up, and its answer told all the same when it comes late.
 */
export class CommandRunner implements QueueOwner<QueuedCommand>, ResponseHandler {
  readonly #device: Device;
  readonly #shared: CommandServices;
  readonly #listener: AnswerListener;
  readonly #queue: CommandQueue<QueuedCommand>;
  #pending: RequestHandle | undefined;
  /** The last one that was given up. */
  #late: QueuedCommand | undefined;
  readonly #finished = new FinishedCommands();

  constructor(device: Device, shared: CommandServices, listener: AnswerListener) {
    this.#device = device;
    this.#shared = shared;
    this.#listener = listener;
    this.#queue = new CommandQueue(this, shared.timers, () => shared.clock.now());
  }

  /** Those that wait, or are on their way. */
  get size(): number {
    return this.#queue.size;
  }

  /** As operators see them: the last ones that are over, the one on its way, those that wait. */
  get views(): CommandView[] {
    const { sent, waiting } = this.#queue;
    const views = [...this.#finished];
    if (sent !== undefined) views.push(viewOf(sent.command, 'sent'));
    for (const { command } of waiting) views.push(viewOf(command, 'queued'));
    return views;
  }

  /** Whether a command to observe a path waits, or is on its way. */
  isToObserve(path: string): boolean {
    const { sent, waiting } = this.#queue;
    const entries = sent === undefined ? waiting : [sent, ...waiting];
    return entries.some(
      ({ command: { operation } }) => operation.type === 'observe' && subjectOf(operation) === path,
    );
  }

  /**
   * Takes in a command. One that has to wait is stored.
   * @param sends what the device is to be sent
   * @param expiresAt milliseconds since 1970
   */
  push(command: Command, sends: Sends, expiresAt: number): void {
    const entry = new QueuedCommand(this.#shared.store.nextNumber(), command, sends, expiresAt);
    this.#queue.push(entry);
    if (!this.#queue.waiting.includes(entry)) return;
    this.#counters['commands.queued'].value++;
    this.#save(entry);
  }

  /** Takes in a command that was stored when the hub started, and not sent. @param number its place */
  restore(number: number, command: Command, sends: Sends, expiresAt: number): void {
    const entry = new QueuedCommand(number, command, sends, expiresAt);
    entry.stored = true;
    this.#queue.push(entry);
  }

  /** The device may be awake now. */
  pump(): void {
    this.#queue.pump();
  }

  /** The registration that the commands were for is over: each is answered so. */
  drop(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#forgetLate();
    for (const entry of this.#queue.clear()) {
      this.#counters['commands.dropped'].value++;
      this.#giveUp(entry, 'dropped');
    }
    pending?.cancel();
  }

  /** The gateway stops: what is on its way is remembered, to be answered when the hub is back. */
  stop(): void {
    const { sent } = this.#queue;
    if (sent !== undefined) this.#save(sent);
    for (const entry of this.#queue.clear()) endDelivery(entry);
    this.#forgetLate();
    this.#pending?.cancel();
    this.#pending = undefined;
  }

  /** A command is over, also one that was stored when the hub started and is never sent. @param number its place */
  over(number: number, command: Answered, end: CommandEnd): void {
    this.#finished.add(number, command, end);
  }

  // The queue's owner

  get reachable(): boolean {
    const { queueMode, lastHeard } = this.#device;
    if (!queueMode) return true;
    const awake = this.#shared.settings.qmode_time_window;
    return lastHeard !== undefined && this.#shared.clock.monotonic() < lastHeard + awake;
  }

  send(entry: QueuedCommand): boolean {
    const request = this.#requestOf(entry);
    // Given up, or not to be had yet.
    if (request === undefined) return this.#queue.sent !== entry;
    const known = this.#listener.tokenFor(entry.command);
    const token = known ?? this.#shared.tokens.next();
    entry.token = token;
    const pending = this.#device.request({ ...request, token, observed: known !== undefined }, this);
    if (pending === undefined) {
      entry.token = undefined;
      return false;
    }
    this.#counters['commands.sent'].value++;
    // It may have failed at once.
    if (this.#queue.sent !== entry) return true;
    this.#pending = pending;
    if (entry.stored) this.#save(entry);
    return true;
  }

  expired(entry: QueuedCommand): void {
    this.#counters['commands.expired'].value++;
    this.#giveUp(entry, 'expired');
  }

  /** Undefined where it cannot be sent now, or not at all: then it is given up. */
  #requestOf(entry: QueuedCommand): OutgoingRequest | undefined {
    const { sends } = entry;
    if (!(sends instanceof PackageDelivery)) return sends;
    try {
      return sends.request();
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      this.#counters['commands.failed'].value++;
      const failure = error.noRoom ? 'no_room' : 'no_package';
      this.#giveUp(entry, failure, error.message);
      this.#queue.finished();
      return undefined;
    }
  }

  // What becomes of the request on its way

  progress(sent: number, total: number): void {
    const sends = this.#queue.sent?.sends;
    if (sends instanceof PackageDelivery) sends.progress(sent, total);
  }

  acknowledged(): void {
    const { sent } = this.#queue;
    this.#device.heard();
    if (sent !== undefined) this.#device.publish('response', acknowledgement(sent.command));
  }

  responded(response: IncomingResponse): void {
    const { sent } = this.#queue;
    if (sent === undefined) return;
    this.#device.heard();
    this.#counters['commands.answered'].value++;
    this.#pending = undefined;
    this.#answer(sent, response);
    this.#queue.finished();
  }

  failed(reason: RequestFailure): void {
    const { sent } = this.#queue;
    if (sent === undefined) return;
    const { failure, counter } = FAILED[reason];
    this.#counters[counter].value++;
    this.#pending = undefined;
    if (reason === 'timeout') this.#awaitLate(sent);
    if (sent.token !== undefined) this.#listener.concluded(sent.command, sent.token, undefined);
    this.#giveUp(sent, failure);
    this.#queue.finished();
  }

  // Answers that are late

  /** A response to no request on its way has come. @returns false when it answers none that was given up either */
  answeredLate(token: Buffer, response: IncomingResponse): boolean {
    const late = this.#late;
    if (late?.token?.equals(token) !== true) return false;
    this.#forgetLate();
    this.#counters['commands.answered.late'].value++;
    if (late.sends instanceof PackageDelivery || !isFirstBlock(response)) this.#answer(late, response);
    else this.#fetchRest(late, late.sends, response);
    return true;
  }

  #fetchRest(late: QueuedCommand, request: OutgoingRequest, first: IncomingResponse): void {
    this.#device.requestRest(request, first, {
      responded: (whole) => this.#answer(late, whole),
      failed: (reason) => this.#giveUp(late, FAILED[reason].failure),
    });
  }

  #awaitLate(entry: QueuedCommand): void {
    this.#forgetLate();
    // What comes with the token of an observation is one of its notifications.
    if (this.#listener.tokenFor(entry.command) !== undefined) return;
    this.#late = entry;
    if (entry.token !== undefined) this.#shared.tokens.add(entry.token, this.#device);
  }

  #forgetLate(): void {
    if (this.#late?.token !== undefined) this.#shared.tokens.delete(this.#late.token);
    this.#late = undefined;
  }

  // The end of a command

  #answer(entry: QueuedCommand, response: IncomingResponse): void {
    const { command, token } = entry;
    if (token !== undefined) this.#listener.concluded(command, token, response);
    const answer = deviceAnswer(command, response, readingOf(this.#device, command, this.#shared));
    this.#conclude(entry, 'done', answer);
  }

  /** @param reason more than the table of failures says */
  #giveUp(entry: QueuedCommand, failure: Failure, reason?: string): void {
    this.#conclude(entry, endOf(failure), failureAnswer(entry.command, failure, reason));
  }

  #conclude(entry: QueuedCommand, end: CommandEnd, answer: Buffer): void {
    this.over(entry.number, entry.command, end);
    if (entry.stored) this.#shared.store.forget(this.#device.endpoint, entry.number);
    entry.stored = false;
    endDelivery(entry);
    this.#device.publish('response', answer);
  }

  #save(entry: QueuedCommand): void {
    const { number, command, expiresAt, sent } = entry;
    this.#shared.store.save(this.#device.endpoint, { number, text: textOfCommand(command), expiresAt, sent });
    entry.stored = true;
  }

  get #counters() {
    return this.#shared.counters;
  }
}

/** Lets go of the package that a device was sent. */
function endDelivery({ sends }: QueuedCommand): void {
  if (sends instanceof PackageDelivery) sends.over();
}
