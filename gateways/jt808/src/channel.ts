import {
  type DecodedBody,
  type Edition,
  idText,
  type Jt808Frame,
  type MalformedFrame,
} from '@portico/codec-jt808';
import {
  type AttachedSession,
  ClientChannel,
  type ConnectRequest,
  type FrameFault,
  type MaybePromise,
  type Peer,
} from '@portico/core';
import type { Incoming, Outgoing } from './codec.js';
import { Commands } from './commands.js';
import { Downlink } from './downlink.js';
import { MessageId, Result } from './message-ids.js';
import { detailsOf, type Registration } from './registrations.js';
import type { Shared } from './shared.js';
import { decode, Terminal } from './terminal.js';
import { placeholdersOf, type TerminalTopics, topicsOf } from './topics.js';
import { Uplink } from './uplink.js';

/** Malformed frames one after the other, after which a peer is let go. */
const MAX_MALFORMED = 20;
/** Authentications that fail, after which a terminal is let go. */
const MAX_FAILURES = 3;
/** How terminals are subscribed to their commands: not to what they say themselves, where a wildcard has that too. */
const DOWN = { qos: 1, retainHandling: 1, noLocal: true } as const;

/**
 * One terminal: it registers (0x0100) once, authenticates (0x0102) on each connection, which opens its session, and
 * from then on its messages are published and answered, and it is sent commands, until one side lets go. Bytes that are
 * no message, and messages of which something is wrong, do not end the connection.
 */
export class Jt808Channel extends ClientChannel<Incoming, Outgoing> {
  readonly #shared: Shared;
  readonly #downlink: Downlink;
  #terminal: Terminal | undefined;
  /** What a terminal has registered as that is known otherwise, until it has authenticated. */
  #claim: { readonly phone: string; readonly registration: Registration } | undefined;
  #malformed = 0;
  #failures = 0;

  constructor(peer: Peer<Outgoing>, shared: Shared) {
    super(peer, shared.context.clock, shared.config.idle_timeout);
    this.#shared = shared;
    this.#downlink = new Downlink(peer, shared.text);
  }

  // From the terminal

  onFrame(frame: Incoming): MaybePromise<void> {
    if (frame.kind === 'malformed') return this.#onMalformed(frame);
    this.#malformed = 0;
    return this.#terminal === undefined ? this.#onStranger(frame) : this.#onFrameOf(this.#terminal, frame);
  }

  /** Answered where its header looks as if the terminal had sent it. */
  #onMalformed(frame: MalformedFrame): void {
    const { header, code, offset, reason, bytes } = frame;
    this.peer.malformed({ code, offset, message: reason }, bytes);
    this.#countMalformed();
    if (header !== undefined && header.phone === this.#terminal?.phone) {
      this.#downlink.confirm(header, Result.messageWrong);
    }
  }

  #countMalformed(): void {
    this.#shared.counters['jt808.frames.malformed'].value++;
    if (++this.#malformed >= MAX_MALFORMED) this.close('malformed_input');
  }

  #onStranger(frame: Jt808Frame): MaybePromise<void> {
    this.#downlink.address(frame, undefined);
    const { header } = frame;
    if ((header.frag_total ?? 1) > 1) return this.#refusePart(header);
    switch (header.msg_id) {
      case MessageId.registration:
        return this.#register(frame);
      case MessageId.authentication:
        return this.#authenticate(frame);
      case MessageId.timeQuery:
        return this.#tellTime();
      default:
        this.#shared.counters['jt808.frames.refused'].value++;
        return this.#downlink.confirm(header, Result.failure);
    }
  }

  /** What a terminal says before it is in is short: parts of it are not put together for those who may be anybody. */
  #refusePart(header: Jt808Frame['header']): void {
    this.#shared.counters['jt808.frames.refused'].value++;
    this.#downlink.confirm(header, Result.messageWrong);
  }

  #onFrameOf(terminal: Terminal, frame: Jt808Frame): MaybePromise<void> {
    if (frame.header.phone !== terminal.phone) {
      this.#shared.counters['jt808.frames.other_phone'].value++;
      return;
    }
    const whole = terminal.assemble(frame);
    if (whole === undefined) return;
    switch (whole.header.msg_id) {
      case MessageId.heartbeat:
      case MessageId.authentication:
        return this.#downlink.confirm(whole.header, Result.success);
      case MessageId.logout:
        return this.#logOut(whole);
      case MessageId.timeQuery:
        return this.#tellTime();
      case MessageId.partsRequest:
        return terminal.repeatParts(whole);
      case MessageId.registration:
        return this.#register(whole);
      default:
        return terminal.publish(whole);
    }
  }

  /** What it has sent before is answered first. */
  #logOut({ header }: Jt808Frame): void {
    this.#downlink.confirm(header, Result.success);
    this.closeBehindAcks('normal');
  }

  /** The time is that of UTC (JT/T 808-2019). */
  #tellTime(): void {
    const now = new Date(this.#shared.context.clock.now()).toISOString();
    this.#downlink.send(MessageId.time, { time: now.replaceAll(/\D/g, '').slice(2, 14) });
  }

  // Coming in

  async #register(frame: Jt808Frame): Promise<void> {
    const { header } = frame;
    const { phone } = header;
    const { body, edition } = this.#read(frame, undefined);
    const isIn = this.#terminal !== undefined;
    const answer = await this.#shared.admission.register({ phone, body, edition }, isIn);
    if (this.closed) return;
    const { result, registration } = answer;
    this.#claim = registration !== undefined && answer.isClaim ? { phone, registration } : undefined;
    this.#downlink.answer(MessageId.registrationResponse, {
      seq: header.msg_sn,
      result,
      ...(registration !== undefined && { auth_code: registration.code }),
    });
  }

  /** Decodes what is not published: the log tells what of it cannot be read. */
  #read(frame: Jt808Frame, registered: Edition | undefined): DecodedBody {
    const { counters, log } = this.#shared;
    const decoded = decode(frame, this.#shared, registered);
    const [fault] = decoded.faults;
    if (fault === undefined) return decoded;
    counters['jt808.bodies.faulty'].value++;
    const { phone, msg_id } = frame.header;
    const { path, offset, reason } = fault;
    log.write(
      'warn',
      { phone, message: idText(msg_id), path, offset, reason },
      'a JT/T 808 body cannot be read whole',
    );
    return decoded;
  }

  /** What is known of a terminal that has registered: on this connection, or before. */
  #registrationOf(phone: string): MaybePromise<Registration | undefined> {
    if (this.#claim?.phone === phone) return this.#claim.registration;
    return this.#shared.admission.registration(phone);
  }

  async #authenticate(frame: Jt808Frame): Promise<void> {
    const { header } = frame;
    const { admission, context } = this.#shared;
    const turn = context.takeTurn();
    // The bytes are the decoder's again while the hub waits.
    const own = { ...frame, body: Buffer.from(frame.body) };
    const kept = await this.#registrationOf(header.phone);
    this.#downlink.address(own, kept?.edition);
    const { code: shown } = this.#read(own, kept?.edition).body;
    const code = typeof shown === 'string' ? shown : '';
    const verdict = await admission.authenticate(header.phone, code, kept);
    if (this.closed) return;
    if (verdict.verdict === 'refused') return this.#refuse(header, 'bad_credentials');
    const commands = this.#commands();
    const request = this.#request(own, code, kept, commands);
    request.turn = turn;
    if (verdict.verdict === 'proven') request.authenticated = verdict.authenticated;
    const result = await context.connect(request);
    if (!result.ok) this.#refuse(header, result.refusal);
    else if (this.closed) result.session.close('closed');
    else await this.#open(result.session, header, kept, commands);
  }

  #commands(): Commands {
    return new Commands(this.peer, this.#shared, this.#downlink, (reason) => this.detached(reason));
  }

  #request(
    { header: { phone }, edition }: Jt808Frame,
    code: string,
    kept: Registration | undefined,
    handler: Commands,
  ): ConnectRequest {
    const { config, session } = this.#shared;
    const sessionExpiry = Math.ceil(config.session_expiry_interval / 1000);
    return {
      clientId: this.peer.info.proven?.clientId ?? phone,
      username: phone,
      password: Buffer.from(code),
      protocol: 'JT/T 808',
      protocolVersion: kept?.edition ?? edition,
      connection: this.peer.info,
      mountpoint: config.mountpoint,
      placeholders: placeholdersOf({ phone, device: kept?.device }),
      keepalive: Math.ceil(config.keepalive / 1000),
      cleanStart: sessionExpiry === 0,
      sessionExpiry,
      options: session,
      mergeOverlapping: true,
      retransmits: false,
      handler,
    };
  }

  /** Subscribes before it answers, so that a terminal that is told it is in misses nothing. */
  async #open(
    session: AttachedSession,
    header: Jt808Frame['header'],
    kept: Registration | undefined,
    commands: Commands,
  ): Promise<void> {
    this.session = session;
    const { config } = this.#shared;
    const topics = topicsOf(config, session.client, { phone: header.phone, device: kept?.device });
    if (topics === undefined) return this.#turnAway(header, 'clientid_invalid');
    // A session from before may have come through another zone.
    for (const filter of session.filters) if (filter !== topics.dn) await session.unsubscribe(filter);
    const subscribed = await session.subscribe(topics.dn, DOWN);
    if (this.closed) return;
    if (subscribed.ok) this.#welcome(session, header, kept, commands, topics);
    else this.#turnAway(header, subscribed.refusal);
  }

  #welcome(
    session: AttachedSession,
    header: Jt808Frame['header'],
    kept: Registration | undefined,
    commands: Commands,
    { up }: TerminalTopics,
  ): void {
    if (this.#claim !== undefined && this.#claim.registration === kept) {
      this.#shared.admission.keep(header.phone, kept);
    }
    const uplink = new Uplink(session, up, this.#shared);
    commands.begin(session, uplink, detailsOf(header.phone, kept));
    this.#terminal = new Terminal(header.phone, kept?.edition, {
      shared: this.#shared,
      downlink: this.#downlink,
      uplink,
      commands,
    });
    this.peer.identify(session.client);
    this.#downlink.confirm(header, Result.success);
    this.allowSilence(this.#shared.config.keepalive);
    session.resume();
  }

  /** The terminal may try again, and register before it. */
  #refuse(header: Jt808Frame['header'], reason: string): void {
    if (++this.#failures >= MAX_FAILURES) this.#turnAway(header, reason);
    else this.#downlink.confirm(header, Result.failure);
  }

  #turnAway(header: Jt808Frame['header'], reason: string): void {
    this.#downlink.confirm(header, Result.failure);
    this.closeBehindAcks(reason);
  }

  // From the connection

  /** The protocol has no answer to what is not a frame. Datagrams of other senders may bear the terminal's address. */
  override onFrameError(error: FrameFault): void {
    if (this.peer.info.transport === 'udp') this.#countMalformed();
    else super.onFrameError(error);
  }

  /** The gateway's own keep alive ends a terminal that is gone. */
  mayBeSilent(): boolean {
    return this.#terminal !== undefined && this.#shared.config.keepalive > 0;
  }

  protected override leave(reason: string): void {
    this.#terminal?.stop();
    super.leave(reason);
  }
}
