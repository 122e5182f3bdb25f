import { decodeBody, encodeMessage, Jt808Decoder, type Jt808Frame, Reassembler } from '@portico/codec-jt808';
import { Timer } from '@portico/core';
import { Awaited } from '../fleet/awaited.js';
import { Backlog } from '../fleet/backlog.js';
import type { Device, DeviceServices, Uplink } from '../fleet/contract.js';
import { Journey } from '../route/journey.js';
import type { Route } from '../route/route.js';
import { type Answering, answersTo, isCommand, MANUFACTURER, MODEL } from './answers.js';
import { type Location, locationOf } from './location.js';
import { MessageId, Result } from './message-ids.js';
import { type Parameter, ParameterId, Parameters } from './parameters.js';

export interface TerminalOptions {
  readonly edition: 2013 | 2019;
  /** Digits, at most 12, since 2019 20. */
  readonly phone: string;
  readonly route: Route;
  /** Milliseconds. */
  readonly interval: number;
  readonly heartbeat: number;
  /** A platform may forget who an address is, and says so by refusing what comes from there. */
  readonly udp: boolean;
}

/** Locations in one 0x0704: so many fit into one frame. */
const LOCATIONS_AT_ONCE = 20;
/** They were gathered where there was no connection (JT/T 808-2013 §8.49). */
const FROM_BLIND_AREA = 1;
/** Digits of a terminal id before 2019. */
const DEVICE_ID_LENGTH = 7;
/** Shanghai, and its districts (GB/T 2260). */
const PROVINCE = 31;
const CITY = 115;
const BLUE_PLATE = 1;

/** A terminal of JT/T 808: registers once, authenticates on each connection, reports where its vehicle is. */
export class Terminal implements Device, Answering {
  readonly parameters: Parameters;
  readonly deviceId: string;
  readonly #options: TerminalOptions;
  readonly #services: DeviceServices;
  readonly #journey: Journey;
  readonly #awaited: Awaited<number>;
  readonly #backlog: Backlog<Location>;
  readonly #reportTimer = new Timer(() => this.#report());
  readonly #heartbeatTimer = new Timer(() => this.#beat());
  #interval: number;
  #heartbeat: number;
  #decoder = new Jt808Decoder();
  #parts = new Reassembler();
  #uplink: Uplink | undefined;
  #isIn = false;
  #serial = 0;
  /** By registration. */
  #code: string | undefined;
  /** Serial number of the authentication that waits for its answer. */
  #authentication: number | undefined;

  constructor(options: TerminalOptions, services: DeviceServices) {
    const { route, interval, heartbeat, phone } = options;
    this.#options = options;
    this.#services = services;
    this.#interval = interval;
    this.#heartbeat = heartbeat;
    this.parameters = new Parameters(heartbeat, interval);
    this.deviceId = phone.slice(-DEVICE_ID_LENGTH).padStart(DEVICE_ID_LENGTH, '0');
    this.#journey = new Journey(route, services.random, services.clock);
    this.#awaited = new Awaited(services.clock, services.tally);
    this.#backlog = new Backlog(services.tally);
  }

  opened(uplink: Uplink): void {
    this.#uplink = uplink;
    this.#decoder = new Jt808Decoder();
    this.#parts = new Reassembler();
    if (this.#code === undefined) this.#register();
    else this.#authenticate(this.#code);
  }

  received(bytes: Buffer): void {
    this.#decoder.push(bytes);
    for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
      if (frame.kind !== 'frame') continue;
      const whole = this.#parts.add(frame, this.#services.clock.monotonic());
      if (whole !== undefined) this.#handle(whole);
    }
  }

  closed(): void {
    this.#uplink = undefined;
    this.#isIn = false;
    this.#awaited.giveUp();
    this.#services.timers.cancel(this.#heartbeatTimer);
  }

  leave(): void {
    if (this.#isIn) this.#send(MessageId.logout);
    this.#services.timers.cancel(this.#reportTimer);
    this.#services.timers.cancel(this.#heartbeatTimer);
  }

  location(): Location {
    return locationOf(this.#journey.look());
  }

  parametersSet(parameters: readonly Parameter[]): void {
    this.#interval = Parameters.interval(parameters, ParameterId.reportInterval) ?? this.#interval;
    this.#heartbeat = Parameters.interval(parameters, ParameterId.heartbeatInterval) ?? this.#heartbeat;
  }

  #handle(frame: Jt808Frame): void {
    const { msg_id: id, msg_sn: seq } = frame.header;
    const decoded = decodeBody(frame, { edition: this.#options.edition });
    if (id === MessageId.registrationResponse) this.#registered(decoded.body);
    else if (id === MessageId.platformResponse) this.#confirmed(decoded.body);
    else if (isCommand(id)) {
      this.#services.tally.count('commands');
      for (const answer of answersTo(this, id, seq, decoded)) this.#send(answer.id, answer.body);
    }
  }

  #register(): void {
    this.#ask(MessageId.registration, {
      province: PROVINCE,
      city: CITY,
      manufacturer: MANUFACTURER,
      model: MODEL,
      dev_id: this.deviceId,
      color: BLUE_PLATE,
      license_number: `沪A${this.deviceId.slice(-5)}`,
    });
  }

  #registered({ seq, result, auth_code: code }: Readonly<Record<string, unknown>>): void {
    this.#awaited.answered(seq as number);
    if (result === Result.success && typeof code === 'string') {
      this.#code = code;
      this.#authenticate(code);
      return;
    }
    this.#uplink?.refused(`registration, result ${result}`);
  }

  #authenticate(code: string): void {
    const { edition, phone } = this.#options;
    const since2019 = { imei: phone.slice(-15).padStart(15, '0'), software_version: '1.0' };
    const body = edition === 2019 ? { code, ...since2019 } : { code };
    this.#authentication = this.#ask(MessageId.authentication, body);
  }

  #confirmed({ seq, result }: Readonly<Record<string, unknown>>): void {
    const isAwaited = this.#awaited.answered(seq as number);
    if (seq === this.#authentication) this.#authenticationAnswered(result);
    else if (isAwaited && result !== Result.success) this.#rejected();
  }

  #authenticationAnswered(result: unknown): void {
    this.#authentication = undefined;
    if (result === Result.success) {
      this.#authenticated();
      return;
    }
    this.#code = undefined;
    this.#uplink?.refused(`authentication, result ${result}`);
  }

  #rejected(): void {
    this.#services.tally.count('rejected');
    if (this.#options.udp) this.#uplink?.lost('not authenticated any more');
  }

  #authenticated(): void {
    const { timers, random } = this.#services;
    this.#isIn = true;
    this.#uplink?.accepted();
    this.#sendBacklog();
    timers.arm(this.#heartbeatTimer, random.between(0, this.#heartbeat));
    if (!this.#reportTimer.armed) timers.arm(this.#reportTimer, random.between(0, this.#interval));
  }

  #sendBacklog(): void {
    const kept = this.#backlog.take();
    for (let at = 0; at < kept.length; at += LOCATIONS_AT_ONCE) {
      const location = kept.slice(at, at + LOCATIONS_AT_ONCE);
      this.#ask(MessageId.locations, { type: FROM_BLIND_AREA, location });
    }
  }

  #report(): void {
    this.#checkAnswers();
    this.#services.timers.arm(this.#reportTimer, this.#interval);
    if (this.#isIn) this.#ask(MessageId.location, this.location());
    else this.#backlog.keep(this.location());
  }

  #beat(): void {
    this.#checkAnswers();
    if (!this.#isIn) return;
    this.#services.timers.arm(this.#heartbeatTimer, this.#heartbeat);
    this.#ask(MessageId.heartbeat);
  }

  /** A platform that has answered nothing for long has lost the device, or the way to it. */
  #checkAnswers(): void {
    if (!this.#isIn || !this.#awaited.isPlatformSilent) return;
    this.#isIn = false;
    this.#uplink?.lost('no answers');
  }

  /** Sends a message that the platform answers. @returns its serial number */
  #ask(id: number, body?: unknown): number {
    const serial = this.#send(id, body);
    this.#awaited.sent(serial);
    return serial;
  }

  #send(id: number, body?: unknown): number {
    const { edition, phone } = this.#options;
    const serial = this.#serial;
    const frames = encodeMessage({ header: { msg_id: id, phone, msg_sn: serial }, body }, { edition });
    this.#serial = (serial + frames.length) & 0xffff;
    for (const frame of frames) this.#uplink?.send(frame);
    return serial;
  }
}
