import type { FrameFields } from '@portico/codec-gbt32960';
import type { Peer } from '@portico/core';
import { timeBytes } from './china-time.js';
import { CommandQueue } from './command-queue.js';
import { type CommandFailure, failurePayload, parseCommand, type TerminalCommand } from './commands.js';
import type { Origin } from './origin.js';
import type { Shared } from './shared.js';

/** Where applications hear what became of their commands. */
export interface Responder {
  /** Publishes on the response topic of a VIN. */
  respond(origin: Origin, payload: Buffer): void;
}

/** Commands of applications to those whose messages come by a connection: one after the other for each VIN. */
export class CommandRunner {
  readonly #peer: Peer<FrameFields>;
  readonly #shared: Shared;
  readonly #responder: Responder;

  constructor(peer: Peer<FrameFields>, shared: Shared, responder: Responder) {
    this.#peer = peer;
    this.#shared = shared;
    this.#responder = responder;
  }

  /** What came on the topic of commands for a VIN. @param payload JSON */
  take(origin: Origin, payload: Buffer): void {
    const command = parseCommand(payload, origin, this.#shared.context.clock.now());
    if ('error' in command) {
      this.#fail(origin, command.command, { Code: 'invalid', Reason: command.error });
    } else if (!this.#queueOf(origin).add(command)) {
      const Reason = `${this.#shared.retry.maxQueued} commands wait already`;
      this.#fail(origin, command.command, { Code: 'queue_full', Reason });
    }
  }

  #queueOf(origin: Origin): CommandQueue {
    const { context, retry } = this.#shared;
    origin.commands ??= new CommandQueue(context.timers, retry, {
      send: (command, isRepetition) => this.#send(command, isRepetition),
      unanswered: ({ command }) => {
        const Reason = `sent ${retry.maxRetries + 1} times`;
        this.#fail(origin, command, { Code: 'no_response', Reason });
      },
    });
    return origin.commands;
  }

  #send(command: TerminalCommand, isRepetition: boolean): void {
    const { counters, context } = this.#shared;
    if (!isRepetition) timeBytes(context.clock.now()).copy(command.data);
    counters[isRepetition ? 'gbt32960.commands.resent' : 'gbt32960.commands.sent'].value++;
    this.#peer.send(command);
  }

  /** The VIN is gone: tells of all its commands that nobody has answered. */
  giveUp(origin: Origin): void {
    for (const { command } of origin.commands?.clear() ?? []) {
      this.#fail(origin, command, { Code: 'disconnected', Reason: 'the terminal is gone' });
    }
  }

  /** Tells the application that a command was not carried out. */
  #fail(origin: Origin, command: number | undefined, failure: CommandFailure): void {
    this.#shared.counters[`gbt32960.commands.dropped.${failure.Code}`].value++;
    this.#responder.respond(origin, failurePayload(origin.vin, command, failure));
  }
}
