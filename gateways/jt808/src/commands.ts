import { idText, RecordError } from '@portico/codec-jt808';
import {
  type AttachedSession,
  type ClientStatus,
  type DeliverResult,
  type DetachReason,
  issueWords,
  type Message,
  type Peer,
  type QoS,
  type SessionHandler,
  type SubscriptionView,
  type Timer,
  type Traffic,
} from '@portico/core';
import { z } from 'zod';
import type { Outgoing } from './codec.js';
import type { Downlink, EncodedMessage } from './downlink.js';
import { answers, isAnswered, type SentCommand } from './message-ids.js';
import type { Shared } from './shared.js';
import type { Uplink } from './uplink.js';

/** A command as applications publish it. Of its header only what they can know. */
const commandSchema = z.object({
  header: z.object({
    msg_id: z.int().min(0).max(0xffff),
    encrypt: z.int().min(0).max(7).optional(),
  }),
  body: z.unknown().optional(),
});

/** A command that the terminal has not answered. */
interface Pending extends SentCommand {
  readonly packetId: number;
  readonly message: EncodedMessage;
  retries: number;
  /** Its answer has come, and is being published. */
  isAnswered: boolean;
}

/**
 * Commands to one terminal: each message of its session is one. The session hands out one at a time; the others wait
 * there, also while the terminal is away.
 */
export class Commands implements SessionHandler {
  readonly #peer: Peer<Outgoing>;
  readonly #shared: Shared;
  readonly #downlink: Downlink;
  readonly #onDetached: (reason: DetachReason) => void;
  #session: AttachedSession | undefined;
  #uplink: Uplink | undefined;
  #details: ClientStatus['details'];
  #pending: Pending | undefined;
  #timer: Timer | undefined;

  /** @param onDetached the session is no longer this connection's */
  constructor(
    peer: Peer<Outgoing>,
    shared: Shared,
    downlink: Downlink,
    onDetached: (reason: DetachReason) => void,
  ) {
    this.#peer = peer;
    this.#shared = shared;
    this.#downlink = downlink;
    this.#onDetached = onDetached;
  }

  /**
   * The terminal is authenticated.
   * @param uplink where applications are told what became of commands
   * @param details what operators are told of it
   */
  begin(session: AttachedSession, uplink: Uplink, details: ClientStatus['details']): void {
    this.#session = session;
    this.#uplink = uplink;
    this.#details = details;
  }

  get details(): ClientStatus['details'] {
    return this.#details;
  }

  // From applications

  /** See `SessionHandler.traffic`. */
  get traffic(): Traffic {
    return this.#peer.traffic;
  }

  get writable(): boolean {
    return this.#peer.writable;
  }

  deliver(
    { payload }: Message,
    _topic: string,
    _subscription: SubscriptionView,
    _qos: QoS,
    packetId: number,
  ): DeliverResult {
    const message = this.#encode(payload);
    if (message === undefined) this.#session?.abandoned(packetId);
    else this.#send(message, packetId);
    return 'ok';
  }

  /** Undefined for what is no command: applications are told. */
  #encode(payload: Buffer): EncodedMessage | undefined {
    const json = parsed(payload);
    if (json === undefined) {
      this.#refuse({}, 'it is not JSON');
      return undefined;
    }
    const { data: command, error } = commandSchema.safeParse(json, { error: issueWords });
    if (command === undefined) {
      const [issue] = error.issues;
      this.#refuse({}, `${issue?.path.join('.') || 'the command'}: ${issue?.message}`);
      return undefined;
    }
    const { msg_id, encrypt } = command.header;
    try {
      return this.#downlink.encode(msg_id, command.body, encrypt);
    } catch (refusal) {
      if (!(refusal instanceof RecordError)) throw refusal;
      this.#refuse({ msg_id }, refusal.message);
      return undefined;
    }
  }

  /** A command for which there was no room: the oldest of those that wait. */
  crowdedOut(message: Message | undefined): void {
    const { data: command } = commandSchema.safeParse(message && parsed(message.payload));
    const header = command === undefined ? {} : { msg_id: command.header.msg_id };
    this.#uplink?.tell(header, 'queue_full', 'too many commands wait for the terminal: this one was dropped');
  }

  #refuse(header: { readonly msg_id?: number }, reason: string): void {
    this.#shared.counters['jt808.commands.invalid'].value++;
    this.#uplink?.tell(header, 'bad_command', reason);
  }

  #send(message: EncodedMessage, packetId: number): void {
    const { msg_id: id, msg_sn: serial } = message.message.header;
    this.#downlink.transmit(message);
    if (!isAnswered(id)) {
      this.#session?.acked(packetId);
      return;
    }
    const { length: frames } = message.frames;
    this.#pending = { packetId, message, id, serial, frames, retries: 0, isAnswered: false };
    const { timers } = this.#shared.context;
    const { retry_interval } = this.#shared.config;
    if (this.#timer === undefined) this.#timer = timers.after(retry_interval, () => this.#onSilence());
    else timers.arm(this.#timer, retry_interval);
  }

  /** The terminal has not answered in time. */
  #onSilence(): void {
    const { config, counters, context } = this.#shared;
    const pending = this.#pending;
    if (pending === undefined || this.#timer === undefined) return;
    if (pending.retries < config.max_retries) {
      pending.retries++;
      counters['jt808.commands.retransmitted'].value++;
      this.#downlink.transmit(pending.message);
      context.timers.arm(this.#timer, config.retry_interval);
      return;
    }
    this.#pending = undefined;
    counters['jt808.commands.unanswered'].value++;
    const reason = `no answer to ${idText(pending.id)}, sent ${config.max_retries + 1} times`;
    this.#uplink?.tell(pending.message.message.header, 'no_answer', reason);
    this.#session?.abandoned(pending.packetId);
  }

  // From the terminal

  /**
   * The command that a message answers: the one that was sent last, if any. That is not sent again then, nor given up:
   * {@link settle} is to be called with it when the message is published. Further answers to it are no answers.
   */
  takeAnswer(id: number, body: Readonly<Record<string, unknown>>): SentCommand | undefined {
    const pending = this.#pending;
    if (pending === undefined || pending.isAnswered || !answers(id, body, pending)) return undefined;
    pending.isAnswered = true;
    this.#stopTimer();
    return pending;
  }

  /** A command has been answered: the next one follows, unless it has been given up. */
  settle(command: SentCommand): void {
    const pending = this.#pending;
    if (pending === undefined || pending !== command) return;
    this.#stopWaiting();
    this.#session?.acked(pending.packetId);
  }

  /** Sends parts of the command again that the terminal has missed (0x0005). */
  repeat(body: Readonly<Record<string, unknown>>): void {
    const pending = this.#pending;
    if (pending === undefined || body.seq !== pending.serial || !Array.isArray(body.ids)) return;
    const wanted = new Set<unknown>(body.ids);
    const { message, frames } = pending.message;
    this.#downlink.transmit({ message, frames: frames.filter((_, index) => wanted.has(index + 1)) });
  }

  #stopWaiting(): void {
    this.#pending = undefined;
    this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#shared.context.timers.cancel(this.#timer);
  }

  // From the session

  detached(reason: DetachReason): void {
    this.stop();
    this.#onDetached(reason);
  }

  /** The terminal is gone: what it has not answered is sent again when it is back. */
  stop(): void {
    this.#stopWaiting();
    this.#session = undefined;
  }
}

/** Undefined for what is not JSON. */
function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}
