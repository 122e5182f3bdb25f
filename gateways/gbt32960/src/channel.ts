import {
  Command,
  type FrameFields,
  type Gbt32960Frame,
  type Gbt32960Header,
  type Info,
  type MalformedFrame,
  ResponseFlag,
  vinText,
} from '@portico/codec-gbt32960';
import {
  ClientChannel,
  type ClientStatus,
  type DeliverResult,
  isPromise,
  isTaken,
  type MaybePromise,
  type Message,
  type Peer,
  type QoS,
  type SessionHandler,
  type SubscriptionView,
} from '@portico/core';
import { CellGatherer } from './cell-gatherer.js';
import { timeBytes } from './china-time.js';
import type { Received } from './codec.js';
import { CommandRunner, type Responder } from './command-runner.js';
import { sessionKeyOf } from './keys/session-key.js';
import { connectRequest, type LoginNames } from './login.js';
import type { Reading } from './message-reader.js';
import { detailsOf, type Origin, type UpstreamTopic } from './origin.js';
import { flagOf, type Problem } from './problems.js';
import type { Shared } from './shared.js';
import { topicsOf, upstreamTopic } from './topics.js';

const NO_DATA = Buffer.alloc(0);

/**
 * One connection: of a vehicle, whose login opens a session with its VIN as client id, or of a platform, under whose
 * session come the messages of many VINs. Every message is published on the topic of its own VIN and then answered; what
 * comes on the VIN's topic of commands goes to it one after the other.
 */
export class Gbt32960Channel
  extends ClientChannel<Received, FrameFields>
  implements SessionHandler, Responder
{
  readonly #shared: Shared;
  /** Undefined before the first command. */
  #commands: CommandRunner | undefined;
  /** Undefined before the first report, and where nothing is to be joined. */
  #cells: CellGatherer | undefined;
  /** By VIN as it stands in frames. */
  readonly #origins = new Map<string, Origin>();
  /** The platform itself, which is among them; undefined for a vehicle. */
  #platform: Origin | undefined;

  constructor(peer: Peer<FrameFields>, shared: Shared) {
    super(peer, shared.context.clock, shared.config.idle_timeout);
    this.#shared = shared;
  }

  // From the terminal or platform

  onFrame(frame: Received): MaybePromise<void> {
    if (frame.kind === 'malformed') return this.#onMalformed(frame);
    if (frame.response !== ResponseFlag.Command) return this.#onResponse(frame);
    switch (frame.command) {
      case Command.Heartbeat:
        return this.#answer(frame, undefined, NO_DATA);
      case Command.TimeSync:
        return this.#answer(frame, undefined, timeBytes(this.#now()));
      case Command.VehicleLogin:
        return this.#vehicleLogin(frame);
      case Command.PlatformLogin:
        return this.#platformLogin(frame);
      default:
        return this.#onMessage(frame);
    }
  }

  async #vehicleLogin(frame: Gbt32960Frame): Promise<void> {
    const reading = this.#read(frame);
    const isFirst = this.session === undefined;
    const names = { clientId: vinText(frame.vin), username: undefined, password: undefined };
    if (isFirst && !(await this.#open(frame, names, reading))) return;
    const origin = await this.#originOf(frame);
    if (origin === undefined) return this.#refuseUnknown(frame, reading.time, isFirst);
    await this.#welcome(frame, origin, reading, isFirst);
  }

  /**
   * The client id of a platform is what it has in place of a VIN, or its user name if there is nothing. One that logs in
   * again is asked for its password again: its session ends, and another one begins if it is let in.
   */
  async #platformLogin(frame: Gbt32960Frame): Promise<void> {
    const reading = this.#read(frame);
    if (this.#platform?.vin === frame.vin) this.#logOut();
    if (this.session !== undefined) return this.#refuseUnknown(frame, reading.time);
    const username = vinText(String(reading.data.Username ?? ''));
    const password = Buffer.from(vinText(String(reading.data.Password ?? '')));
    const clientId = vinText(frame.vin) || username;
    if (!(await this.#open(frame, { clientId, username, password }, reading))) return;
    const origin = this.#register(frame, clientId);
    if (origin === undefined) return this.#refuseUnknown(frame, reading.time, true);
    this.#platform = origin;
    await this.#welcome(frame, origin, reading, true);
  }

  /** Opens the session. @returns false when whoever it is was refused and is let go */
  async #open(frame: Gbt32960Header, names: LoginNames, { time }: Reading): Promise<boolean> {
    const { context, config } = this.#shared;
    const { clientId } = names;
    this.peer.identify(names);
    const proven = this.peer.info.proven?.clientId ?? clientId;
    if (clientId === '' || proven !== clientId) {
      return this.#refuse(frame, 'vin_unknown', time, 'clientid_invalid');
    }
    if (config.duplicate_vin === 'refuse' && context.sessionSince(clientId) !== undefined) {
      return this.#refuse(frame, 'vin_repeated', time, 'vin_repeated');
    }
    const result = await context.connect(connectRequest(names, frame.edition, this.#shared, this.peer, this));
    if (!result.ok) return this.#refuse(frame, 'vin_unknown', time, result.refusal);
    if (this.closed) {
      result.session.close('closed');
      return false;
    }
    this.session = result.session;
    this.peer.identify(result.session.client);
    this.allowSilence(config.keepalive);
    return true;
  }

  #refuse(frame: Gbt32960Header, problem: Problem, time: Buffer, reason: string): false {
    this.#answer(frame, problem, time);
    this.closeBehindAcks(reason);
    return false;
  }

  async #welcome(frame: Gbt32960Frame, origin: Origin, reading: Reading, isFirst: boolean): Promise<void> {
    origin.loginSeq = reading.data.Seq as number | undefined;
    origin.iccid = reading.data.ICCID as string | undefined;
    await this.#forward(frame, origin, reading);
    if (isFirst) this.session?.resume();
  }

  #onMessage(frame: Gbt32960Frame): MaybePromise<void> {
    const origin = frame.command === Command.PlatformLogout ? this.#platform : this.#origins.get(frame.vin);
    if (origin !== undefined) return this.#forward(frame, origin, this.#read(frame, origin));
    if (this.#platform === undefined) return this.#refuseUnknown(frame, this.#shared.reader.timeOf(frame));
    const reading = this.#read(frame);
    const adopted = this.#originOf(frame);
    const settle = (settled: Origin | undefined) =>
      settled === undefined
        ? this.#refuseUnknown(frame, reading.time)
        : this.#forward(frame, settled, reading);
    return isPromise(adopted) ? adopted.then(settle) : settle(adopted);
  }

  /** Publishes a message, then answers it. */
  #forward(frame: Gbt32960Header, origin: Origin, reading: Reading): MaybePromise<void> {
    origin.edition = frame.edition;
    if (this.#isForged(reading)) return this.#answer(frame, reading.problem, reading.time);
    origin.sessionKey = sessionKeyOf(frame, reading.data) ?? origin.sessionKey;
    const published = this.#publish(origin, upstreamTopic(frame.command), reading.payload);
    if (this.#shared.config.assemble_cells) this.#assembleCells(frame, origin, reading);
    if (isPromise(published)) return published.then((taken) => this.#settle(frame, origin, reading, taken));
    return this.#settle(frame, origin, reading, published);
  }

  /** Publishes the batteries of which the last cells have come. */
  #assembleCells(frame: Gbt32960Header, origin: Origin, { data, time }: Reading): void {
    const { counters, reader } = this.#shared;
    if (!Array.isArray(data.Infos)) return;
    this.#cells ??= new CellGatherer(counters['gbt32960.cells.incomplete']);
    const whole = this.#cells.add(frame.vin, time, data.Infos as Info[]);
    if (whole !== undefined) void this.#publish(origin, 'cells', reader.joined(frame, [whole], data.Time));
  }

  #settle(
    frame: Gbt32960Header,
    origin: Origin,
    { problem, time }: Reading,
    taken: boolean,
  ): MaybePromise<void> {
    if (this.closed) return;
    this.#answer(frame, taken ? problem : 'failed', time);
    if (frame.command === Command.PlatformLogout) this.#logOut();
    else if (frame.command === Command.VehicleLogout) return this.#forget(origin);
  }

  /** The answer of a terminal to a command. */
  #onResponse(frame: Gbt32960Frame): MaybePromise<void> {
    const origin = this.#origins.get(frame.vin);
    if (origin === undefined) {
      this.#shared.counters['gbt32960.messages.dropped.not_logged_in'].value++;
      return;
    }
    const { payload, time } = this.#read(frame, origin);
    const published = this.#publish(origin, 'response', payload);
    origin.commands?.answered(frame.command, time);
    if (isPromise(published)) return published.then(() => undefined);
  }

  #onMalformed(frame: MalformedFrame): void {
    const { code, offset, reason, bytes } = frame;
    this.#shared.counters['gbt32960.frames.malformed'].value++;
    this.peer.malformed({ code, offset, message: reason }, bytes);
    const isCommand = frame.response === ResponseFlag.Command && this.#origins.has(frame.vin);
    if (isCommand) this.#answer(frame, 'failed', timeBytes(this.#now()));
  }

  #read(frame: Gbt32960Frame, origin?: Origin): Reading {
    const { reader, counters, context } = this.#shared;
    const reading = reader.read(frame, { origin, platform: this.#platform });
    if (reading.isFaulty) {
      counters['gbt32960.messages.faulty'].value++;
      context.log.debug({ vin: vinText(frame.vin), command: frame.command }, 'faulty GB/T 32960 message');
    }
    return reading;
  }

  /** Whether a message is dropped because its vehicle has not signed it. */
  #isForged({ problem }: Reading): boolean {
    const { config, counters } = this.#shared;
    if (problem !== 'bad_signature' || config.bad_signature === 'publish') return false;
    counters['gbt32960.messages.dropped.bad_signature'].value++;
    return true;
  }

  /** Nobody knows this VIN here. */
  #refuseUnknown(frame: Gbt32960Header, time: Buffer, isLogin = false): void {
    this.#shared.counters['gbt32960.messages.dropped.not_logged_in'].value++;
    this.#answer(frame, 'vin_unknown', time);
    if (isLogin) this.closeBehindAcks('clientid_invalid');
  }

  // Those whose messages come by this connection

  /** The origin of a frame, made where a platform brings a VIN for the first time, or a vehicle its own. */
  #originOf(frame: Gbt32960Header): MaybePromise<Origin | undefined> {
    const known = this.#origins.get(frame.vin);
    if (known !== undefined) return known;
    const { config, counters } = this.#shared;
    const limit = this.#platform === undefined ? 1 : config.max_vehicles + 1;
    if (this.#origins.size >= limit) {
      if (limit > 1) counters['gbt32960.messages.dropped.too_many_vehicles'].value++;
      return undefined;
    }
    return this.#subscribe(this.#register(frame, vinText(frame.vin)));
  }

  #register({ vin, edition }: Gbt32960Header, name: string): Origin | undefined {
    const { session } = this;
    if (session === undefined) return undefined;
    const { clientId, username, peer } = session.client;
    const names = { vin: name, clientId, username, host: peer.host };
    const topics = topicsOf(this.#shared.config, names);
    if ('error' in topics) return undefined;
    const origin: Origin = {
      vin,
      topics,
      edition,
      loginSeq: undefined,
      iccid: undefined,
      sessionKey: undefined,
      commands: undefined,
    };
    this.#origins.set(vin, origin);
    return origin;
  }

  async #subscribe(origin: Origin | undefined): Promise<Origin | undefined> {
    if (origin === undefined || this.session === undefined) return undefined;
    const options = { qos: this.#shared.config.dn_qos, tag: origin };
    const result = await this.session.subscribe(origin.topics.dn, options);
    if (result.ok) return origin;
    this.#origins.delete(origin.vin);
    return undefined;
  }

  async #forget(origin: Origin): Promise<void> {
    if (this.#platform === undefined) {
      this.#logOut();
      return;
    }
    this.#commands?.giveUp(origin);
    this.#origins.delete(origin.vin);
    await this.session?.unsubscribe(origin.topics.dn);
  }

  /** The session ends, and another login may come by the same connection. */
  #logOut(): void {
    this.#giveUp();
    this.session?.close('normal');
    this.session = undefined;
    this.allowSilence(this.#shared.config.idle_timeout);
  }

  #giveUp(): void {
    for (const origin of this.#origins.values()) this.#commands?.giveUp(origin);
    this.#origins.clear();
    this.#cells = undefined;
    this.#platform = undefined;
  }

  // From operators

  status(): ClientStatus {
    const [origin] = this.#origins.values();
    const details = detailsOf(this.#platform ?? origin, this.#platform && this.#origins.size - 1);
    return { state: 'connected', peer: this.peer.info.peer, details };
  }

  // To the terminal

  get writable(): boolean {
    return this.peer.writable;
  }

  /** A command for a VIN. */
  deliver(
    { payload }: Message,
    _topic: string,
    { tag }: SubscriptionView,
    qos: QoS,
    packetId: number,
  ): DeliverResult {
    if (qos === 1) this.session?.acked(packetId);
    this.#commands ??= new CommandRunner(this.peer, this.#shared, this);
    this.#commands.take(tag as Origin, payload);
    return 'ok';
  }

  respond(origin: Origin, payload: Buffer): void {
    void this.#publish(origin, 'response', payload);
  }

  /** @returns whether the hub has taken it */
  #publish(origin: Origin, topic: UpstreamTopic, payload: Buffer): MaybePromise<boolean> {
    const { session } = this;
    if (session === undefined) return false;
    const result = session.publish({
      topic: `${origin.topics.up}/${topic}`,
      payload,
      qos: this.#shared.config.up_qos,
      retain: false,
      owned: true,
    });
    if (isPromise(result)) return result.then(isTaken);
    return isTaken(result);
  }

  /** Answers when what was published is durable. @param problem undefined for success */
  #answer({ edition, command, vin }: Gbt32960Header, problem: Problem | undefined, data: Buffer): void {
    this.peer.sendAck({ edition, command, response: flagOf(edition, problem), vin, data });
  }

  #now(): number {
    return this.#shared.context.clock.now();
  }

  // From the connection

  /** The session is about to go: only now can be told what becomes of its commands. */
  detaching(): void {
    this.#giveUp();
  }

  protected override leave(reason: string): void {
    this.#giveUp();
    super.leave(reason);
  }
}
