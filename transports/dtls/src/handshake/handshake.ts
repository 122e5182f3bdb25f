import { timingSafeEqual } from 'node:crypto';
import { isFrameError } from '@portico/frame';
import { type AlertName, decodeAlert, encodeAlert } from '../alerts.js';
import type { DtlsEnvironment, DtlsTimer, MaybePromise, RefusalReason } from '../contract.js';
import type { Counters } from '../counters.js';
import { verifyData } from '../keys/key-schedule.js';
import type { Opener, Sealer } from '../record/protection.js';
import { CONTENT, RecordCursor } from '../record/record.js';
import type { Established } from '../session/session.js';
import { decodeField } from '../wire/fields.js';
import { HandshakeFailure } from './failure.js';
import { type Fragment, fragmentsIn, type HandshakeMessage } from './fragments.js';
import { finished, type HandshakeType, handshakeTypeOf } from './messages.js';
import type { Outgoing } from './outgoing.js';
import type { Reassembler } from './reassembler.js';
import { Transcript } from './transcript.js';

/** Milliseconds before a flight is sent again for the first time, and at most (RFC 6347 §4.2.4.1). */
const FIRST_RETRANSMISSION = 1000;
const LAST_RETRANSMISSION = 60_000;
/** Records of epoch 1 that are kept until there are keys for them, and their most bytes in all. */
const MAX_EARLY_RECORDS = 8;
const MAX_EARLY_BYTES = 4096;

/** What a handshake needs of the server or client that it belongs to. */
export interface HandshakeSite {
  readonly environment: DtlsEnvironment;
  readonly counters: Counters;
  /** Longest time of a handshake, in milliseconds. */
  readonly handshakeTime: number;
  /** Bytes of the connection ids that this end gives out. */
  readonly cidLength: number;
}

/** How a handshake ended without a session. */
export interface Failure {
  readonly reason: RefusalReason;
  readonly alert: AlertName | undefined;
  readonly detail: string;
}

/** Who is told of a handshake's end. */
export interface HandshakeOwner {
  send(datagram: Buffer): void;
  complete(established: Established): void;
  fail(failure: Failure): void;
}

/** What a state does with the messages that may come in it; all others are unexpected. */
export type Transitions<State extends string, H> = Readonly<
  Record<
    State,
    Partial<Record<HandshakeType, (handshake: H, message: HandshakeMessage) => MaybePromise<void>>>
  >
>;

/**
 * A message joins the transcript before it is handled, but for those that prove what came before, which their handlers
 * add, and the one that is left out (RFC 5246 §7.4.1.1).
 */
const NOT_ADDED_BEFORE: ReadonlySet<HandshakeType> = new Set([
  'certificate_verify',
  'finished',
  'hello_request',
]);

/**
 * What both sides of a handshake do alike: take records in, put messages together, go from state to state, send
 * flights until they are answered, and give up.
 *
 * ChangeCipherSpec is sent and otherwise not looked at: each record says by its epoch whether it is protected, and
 * Finished is taken from epoch 1 alone.
 */
export abstract class Handshake {
  protected readonly site: HandshakeSite;
  protected readonly owner: HandshakeOwner;
  protected readonly outgoing: Outgoing;
  protected readonly transcript = new Transcript();
  /** There once there are keys to read epoch 1 with. */
  protected opener: Opener | undefined;
  readonly #reassembler: Reassembler;
  readonly #deadline: number;
  #retransmission = FIRST_RETRANSMISSION;
  #timer: DtlsTimer | undefined;
  #early: Buffer[] = [];
  #earlyBytes = 0;
  /** A promise of the user is waited for; messages wait in their turn. */
  #paused = false;
  #over = false;

  /** @param reassembler for what the peer says */
  constructor(site: HandshakeSite, owner: HandshakeOwner, outgoing: Outgoing, reassembler: Reassembler) {
    this.site = site;
    this.owner = owner;
    this.outgoing = outgoing;
    this.#reassembler = reassembler;
    this.#deadline = site.environment.now() + site.handshakeTime;
  }

  protected get over(): boolean {
    return this.#over;
  }

  /** Takes a record, of any type and epoch. */
  receive(record: RecordCursor): void {
    this.guard(() => {
      if (record.epoch === 0) this.#takePlain(record);
      else if (this.opener === undefined) this.#keepEarly(record);
      else this.#takeProtected(record, this.opener);
    });
  }

  /** Ends it without a session. @param alert what the peer is told */
  abort(reason: RefusalReason, alert: AlertName | undefined, detail: string): void {
    if (this.#over) return;
    if (alert !== undefined) {
      this.owner.send(this.outgoing.record(CONTENT.alert, encodeAlert('fatal', alert)));
    }
    this.#finish();
    this.owner.fail({ reason, alert, detail });
  }

  /** Does with a message what the state says, or throws HandshakeFailure when it has no place there. */
  protected abstract dispatch(type: HandshakeType, message: HandshakeMessage): MaybePromise<void>;

  /** Bytes that a message of a type may have now. */
  protected abstract longest(type: number): number;

  /** Overwrites what nobody must get to know; the handshake is over. */
  protected abstract forgetSecrets(): void;

  /** A record that should have been Finished is not authentic. */
  protected abstract onForgedFinished(): void;

  /** Takes a fragment whose message has no number of its own among the others. @returns whether it is one */
  protected takeOutOfTurn(_fragment: Fragment): boolean {
    return false;
  }

  /** Messages from this number on are those that count. */
  protected expectMessage(sequence: number): void {
    this.#reassembler.skipTo(sequence);
  }

  /** Sends the flight that has been put together, again and again until the answer comes. */
  protected sendFlight(): void {
    this.#retransmission = FIRST_RETRANSMISSION;
    this.#transmit();
    this.#armTimer();
  }

  /** Sends the last flight once more, as the peer seems not to have got it. */
  protected repeatFlight(): void {
    if (this.#over) return;
    this.site.counters.retransmissions++;
    this.#transmit();
  }

  /** @throws HandshakeFailure unless Finished is what its sender has to say (RFC 5246 §7.4.9) */
  protected checkFinished(message: HandshakeMessage, sender: 'client' | 'server', master: Buffer): void {
    const said = decodeField(finished, message.body);
    if (!timingSafeEqual(said, verifyData(master, sender, this.transcript.hash()))) {
      throw new HandshakeFailure(
        'proof_failed',
        'decrypt_error',
        'Finished does not fit what was said before',
      );
    }
    this.transcript.add(message.bytes);
  }

  /** Adds ChangeCipherSpec and Finished to the flight. */
  protected addFinished(sender: 'client' | 'server', master: Buffer, sealer: Sealer): void {
    this.outgoing.changeCipherSpec(sealer);
    const body = verifyData(master, sender, this.transcript.hash());
    this.transcript.add(this.outgoing.addMessage('finished', body));
  }

  protected succeed(established: Established): void {
    this.#finish();
    this.owner.complete(established);
  }

  /** Runs a step, and handles the messages whose turn has come by it. What it throws ends the handshake. */
  protected guard(step: () => void): void {
    if (this.#over) return;
    try {
      step();
      this.#drain();
    } catch (error) {
      this.#onError(error);
    }
  }

  #takePlain(record: RecordCursor): void {
    if (record.type === CONTENT.handshake) this.#takeFragments(record);
    else if (record.type === CONTENT.alert) this.#takeAlert(record.body);
    else if (record.type !== CONTENT.change_cipher_spec) this.site.counters.dropped.wrong_epoch++;
  }

  #takeProtected(record: RecordCursor, opener: Opener): void {
    const mayBeFinished = record.type === CONTENT.handshake || record.type === CONTENT.tls12_cid;
    const drop = opener.open(record);
    if (drop !== undefined) {
      this.site.counters.dropped[drop]++;
      if (drop === 'bad_record_mac' && mayBeFinished) this.onForgedFinished();
    } else if (record.type === CONTENT.handshake) this.#takeFragments(record);
    else if (record.type === CONTENT.alert) this.#takeAlert(record.body);
    else this.site.counters.dropped.early_data++;
  }

  /** RFC 6347 §4.2.8: it may overtake what the keys come from, or come while a promise is waited for. */
  #keepEarly(record: RecordCursor): void {
    if (record.type === CONTENT.application_data) {
      this.site.counters.dropped.early_data++;
      return;
    }
    const size = record.end - record.start;
    if (this.#early.length >= MAX_EARLY_RECORDS || this.#earlyBytes + size > MAX_EARLY_BYTES) {
      this.site.counters.dropped.wrong_epoch++;
      return;
    }
    this.#early.push(record.copy());
    this.#earlyBytes += size;
  }

  #takeEarly(): void {
    const records = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const bytes of records) {
      const record = new RecordCursor(bytes, this.site.cidLength);
      if (record.next() === undefined) this.receive(record);
    }
  }

  /** What is no fragment may come from anybody, and is dropped as a record that is none (RFC 6347 §4.1.2.7). */
  #takeFragments(record: RecordCursor): void {
    const fragments = fragmentsIn(record.body);
    for (;;) {
      let next: IteratorResult<Fragment>;
      try {
        next = fragments.next();
      } catch (error) {
        if (!isFrameError(error)) throw error;
        this.site.counters.dropped.handshake_message++;
        return;
      }
      if (next.done === true) return;
      this.#takeFragment(next.value, record.epoch);
    }
  }

  #takeFragment(fragment: Fragment, epoch: number): void {
    if (this.takeOutOfTurn(fragment)) return;
    if (!this.#reassembler.add(fragment, epoch, this.longest(fragment.type)))
      this.site.counters.dropped.handshake_message++;
  }

  #takeAlert(body: Buffer): void {
    const alert = decodeAlert(body);
    if (alert === undefined || (!alert.fatal && alert.name !== 'close_notify')) return;
    this.#finish();
    const { name } = alert;
    const detail = `the peer gave up: ${name ?? 'an alert unknown here'}`;
    this.owner.fail({ reason: 'peer_alert', alert: name, detail });
  }

  /** Handles the messages whose turn has come. */
  #drain(): void {
    while (!this.#over && !this.#paused) {
      const message = this.#reassembler.take();
      if (message === undefined) break;
      const outcome = this.#handle(message);
      if (outcome instanceof Promise) this.#waitFor(outcome);
    }
    if (!this.#over && this.opener !== undefined && this.#early.length > 0) this.#takeEarly();
  }

  #handle(message: HandshakeMessage): MaybePromise<void> {
    const type = handshakeTypeOf(message.type);
    const protectedAsDue = message.epoch > 0 === (type === 'finished');
    if (type === undefined || !protectedAsDue) throw unexpected(type ?? `type ${message.type}`);
    if (!NOT_ADDED_BEFORE.has(type)) this.transcript.add(message.bytes);
    return this.dispatch(type, message);
  }

  #waitFor(outcome: Promise<void>): void {
    this.#paused = true;
    outcome.then(
      () => {
        this.#paused = false;
        this.guard(() => {});
      },
      (error: unknown) => {
        if (!this.#over) this.#onError(error);
      },
    );
  }

  /** After the end it is the host that threw: that is for who called us. */
  #onError(error: unknown): void {
    if (this.#over) throw error;
    if (error instanceof HandshakeFailure) this.abort(error.reason, error.alert, error.message);
    else if (isFrameError(error)) this.abort('protocol', error.code as AlertName, error.message);
    else
      this.abort(
        'internal',
        'internal_error',
        `${error instanceof Error ? error.name : 'something'} was thrown`,
      );
  }

  #transmit(): void {
    this.outgoing.transmit((datagram) => this.owner.send(datagram));
  }

  #armTimer(): void {
    const { environment } = this.site;
    const { timers } = environment;
    const delay = Math.min(this.#retransmission, Math.max(0, this.#deadline - environment.now()));
    if (this.#timer === undefined) this.#timer = timers.after(delay, () => this.#onTimer());
    else timers.arm(this.#timer, delay);
  }

  #onTimer(): void {
    if (this.#over) return;
    if (this.site.environment.now() >= this.#deadline) {
      this.abort('handshake_timeout', undefined, `no answer for ${this.site.handshakeTime} ms`);
      return;
    }
    if (!this.#paused) this.repeatFlight();
    this.#retransmission = Math.min(2 * this.#retransmission, LAST_RETRANSMISSION);
    this.#armTimer();
  }

  #finish(): void {
    this.#over = true;
    this.forgetSecrets();
    if (this.#timer !== undefined) this.site.environment.timers.cancel(this.#timer);
  }
}

/** A message that has no place in a state. */
export function unexpected(what: string): HandshakeFailure {
  return new HandshakeFailure('protocol', 'unexpected_message', `${what} came out of turn`);
}
