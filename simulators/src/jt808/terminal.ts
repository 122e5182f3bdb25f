import { decodeBody, encodeMessage, Jt808Decoder, type Jt808Frame, Reassembler } from '@portico/codec-jt808';
import { Awaited } from '../fleet/awaited.js';
import type { Device, DeviceServices, Uplink } from '../fleet/contract.js';
import { type Intervals, Routine } from '../fleet/routine.js';
import { Journey } from '../route/journey.js';
import type { Route } from '../route/route.js';
import { type Answering, answersTo, isCommand, MANUFACTURER, MODEL } from './answers.js';
import { type Location, locationOf } from './location.js';
import { MessageId, Result } from './message-ids.js';
import { Parameters } from './parameters.js';

export interface TerminalOptions extends Intervals {
  readonly edition: 2013 | 2019;
  /** Digits, at most 12, since 2019 20. */
  readonly phone: string;
  readonly route: Route;
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
  readonly #routine: Routine<Location>;
  #decoder = new Jt808Decoder();
  #parts = new Reassembler();
  #uplink: Uplink | undefined;
  #serial = 0;
  /** By registration. */
  #code: string | undefined;
  /** Serial number of the authentication that waits for its answer. */
  #authentication: number | undefined;

  constructor(options: TerminalOptions, services: DeviceServices) {
    const { route, phone } = options;
    this.#options = options;
    this.#services = services;
    this.parameters = new Parameters(options);
    this.deviceId = phone.slice(-DEVICE_ID_LENGTH).padStart(DEVICE_ID_LENGTH, '0');
    this.#journey = new Journey(route, services.random, services.clock);
    this.#awaited = new Awaited(services.clock, services.tally);
    this.#routine = new Routine(services, this.#awaited, options, {
      gather: () => this.location(),
      report: (location) => this.#ask(MessageId.location, location),
      beat: () => this.#ask(MessageId.heartbeat),
    });
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
    this.#routine.exit();
  }

  leave(): void {
    if (this.#routine.isIn) this.#send(MessageId.logout);
    this.#routine.stop();
  }

  location(): Location {
    return locationOf(this.#journey.look());
  }

  parametersSet(): void {
    this.#routine.intervals = this.parameters.intervals;
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
    if (this.#uplink === undefined) return;
    const kept = this.#routine.enter(this.#uplink);
    for (let at = 0; at < kept.length; at += LOCATIONS_AT_ONCE) {
      const location = kept.slice(at, at + LOCATIONS_AT_ONCE);
      this.#ask(MessageId.locations, { type: FROM_BLIND_AREA, location });
    }
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
