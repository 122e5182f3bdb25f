import {
  Command,
  decodeData,
  type Edition,
  encodeMessage,
  Gbt32960Decoder,
  type Gbt32960Frame,
  ResponseFlag,
} from '@portico/codec-gbt32960';
import { chinaTime } from '../china-time.js';
import { Awaited } from '../fleet/awaited.js';
import type { Device, DeviceServices, Uplink } from '../fleet/contract.js';
import { type Intervals, Routine } from '../fleet/routine.js';
import { Journey } from '../route/journey.js';
import type { Route } from '../route/route.js';
import { batteryOf, infosOf } from './report.js';
import { Settings } from './settings.js';

export interface VehicleOptions extends Intervals {
  readonly edition: Edition;
  /** 17 characters. */
  readonly vin: string;
  readonly route: Route;
}

type Data = Readonly<Record<string, unknown>>;

/** Commands of the platform: what becomes of the settings, and what the answer has besides the time. */
const COMMANDS: ReadonlyMap<number, (settings: Settings, data: Data) => Data> = new Map([
  [
    Command.Query,
    (settings: Settings, { Ids: ids }: Data) => ({
      Total: 0,
      Params: settings.list(ids as readonly string[]),
    }),
  ],
  [
    Command.Setting,
    (settings: Settings, { Params: parameters }: Data) => {
      settings.set(parameters as readonly Data[]);
      return {};
    },
  ],
  [Command.Control, (_settings: Settings, { Command: control }: Data) => ({ Command: control })],
]);

/** Control commands after which the terminal is gone for a while: reset, and disconnect (GB/T 32960.3-2016 table B.14). */
const ENDING: ReadonlySet<unknown> = new Set(['0x03', '0x05']);
/** The highest serial number of a login: the next is 1 (GB/T 32960.3-2016 table 6). */
const LAST_LOGIN = 65_531;
const BATTERY_CODE_SIZE = 24;
/** Percent of the battery: what is always left, and what a report's time takes. */
const LEAST_CHARGE = 10;
const CHARGE_PER_REPORT = 0.01;

/** The terminal of an electric vehicle: logs in, reports all of its vehicle, sends later what it could not send. */
export class Vehicle implements Device {
  readonly #options: VehicleOptions;
  readonly #services: DeviceServices;
  readonly #journey: Journey;
  readonly #awaited: Awaited<number>;
  readonly #settings: Settings;
  readonly #routine: Routine<Data>;
  #decoder = new Gbt32960Decoder();
  #uplink: Uplink | undefined;
  #login = 0;
  #charge: number;

  constructor(options: VehicleOptions, services: DeviceServices) {
    const { route } = options;
    this.#options = options;
    this.#services = services;
    this.#settings = new Settings(options);
    this.#journey = new Journey(route, services.random, services.clock);
    this.#charge = services.random.between(30, 100);
    this.#awaited = new Awaited(services.clock, services.tally);
    this.#routine = new Routine(services, this.#awaited, options, {
      gather: () => this.#report(),
      report: (report) => this.#ask(Command.RealTimeReport, report),
      beat: () => this.#ask(Command.Heartbeat, {}),
    });
  }

  opened(uplink: Uplink): void {
    this.#uplink = uplink;
    this.#decoder = new Gbt32960Decoder();
    this.#login = this.#login === LAST_LOGIN ? 1 : this.#login + 1;
    this.#ask(Command.VehicleLogin, this.#loginData());
  }

  received(bytes: Buffer): void {
    this.#decoder.push(bytes);
    for (let frame = this.#decoder.next(); frame !== undefined; frame = this.#decoder.next()) {
      if (frame.kind !== 'frame') continue;
      if (frame.response === ResponseFlag.Command) this.#command(frame);
      else this.#answered(frame);
    }
  }

  closed(): void {
    this.#uplink = undefined;
    this.#routine.exit();
  }

  leave(): void {
    if (this.#routine.isIn) this.#send(Command.VehicleLogout, { Time: this.#time(), Seq: this.#login });
    this.#routine.stop();
  }

  #loginData(): Data {
    const { edition, vin } = this.#options;
    const login = {
      Time: this.#time(),
      Seq: this.#login,
      ICCID: `8986${vin.replace(/\D/g, '').padStart(16, '0')}`,
    };
    const battery = vin.padStart(BATTERY_CODE_SIZE, '0');
    return edition === 2025
      ? { ...login, BatteryPackCounts: [1], BatteryPackEncodings: [[battery]] }
      : { ...login, Num: 1, Length: BATTERY_CODE_SIZE, Id: battery };
  }

  #answered({ command, response }: Gbt32960Frame): void {
    if (!this.#awaited.answered(command)) return;
    const isTaken = response === ResponseFlag.Success;
    if (command === Command.VehicleLogin) {
      if (isTaken) this.#loggedIn();
      else this.#uplink?.refused(`login, response ${response}`);
      return;
    }
    if (!isTaken) this.#services.tally.count('rejected');
  }

  #loggedIn(): void {
    if (this.#uplink === undefined) return;
    const kept = this.#routine.enter(this.#uplink);
    this.#ask(Command.TimeSync, {});
    for (const report of kept) this.#ask(Command.Reissue, report);
  }

  #command(frame: Gbt32960Frame): void {
    const { command } = frame;
    const carryOut = COMMANDS.get(command);
    if (carryOut === undefined) return;
    const { data, faults } = decodeData(frame);
    this.#services.tally.count('commands');
    if (faults.length > 0 || 'Encrypted' in data) {
      this.#send(command, { Time: this.#time() }, ResponseFlag.Error);
      return;
    }
    const answer = { Time: data.Time, ...carryOut(this.#settings, data) };
    this.#send(command, answer, ResponseFlag.Success);
    this.#routine.intervals = this.#settings.intervals;
    if (command === Command.Control && ENDING.has(data.Command)) this.#uplink?.hangUp();
  }

  #report(): Data {
    const fix = this.#journey.look();
    this.#charge = Math.max(LEAST_CHARGE, this.#charge - CHARGE_PER_REPORT);
    const battery = batteryOf(this.#services.random, fix.speed, this.#charge);
    return { Time: this.#time(), Infos: infosOf(this.#options.edition, fix, battery) };
  }

  #time(): Data {
    return { ...chinaTime(this.#services.clock.now()) };
  }

  /** Sends a message that the platform answers. */
  #ask(command: number, data: Data): void {
    this.#send(command, data);
    this.#awaited.sent(command);
  }

  #send(command: number, data: Data, response: number = ResponseFlag.Command): void {
    const { edition, vin } = this.#options;
    this.#uplink?.send(encodeMessage({ edition, command, response, vin, data }));
  }
}
