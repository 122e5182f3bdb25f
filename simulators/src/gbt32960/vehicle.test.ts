import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Command,
  decodeData,
  type Edition,
  encodeMessage,
  Gbt32960Decoder,
  ResponseFlag,
} from '@portico/codec-gbt32960';
import { DEFAULT_ROUTE } from '../route/default-route.js';
import { DeviceSite } from '../testing.js';
import { Vehicle } from './vehicle.js';

type Data = Readonly<Record<string, unknown>>;

interface Said {
  readonly edition: Edition;
  readonly command: number;
  readonly response: number;
  readonly data: Data;
}

const VIN = 'LTEST000000000007';
const TIME = { Year: 26, Month: 1, Day: 1, Hour: 8, Minute: 0, Second: 0 };

/** A vehicle, and the platform that it talks to. */
class Site extends DeviceSite<Said> {
  readonly vehicle: Vehicle;
  readonly #edition: Edition;

  constructor(edition: Edition = 2016) {
    super();
    this.#edition = edition;
    this.vehicle = new Vehicle(
      { edition, vin: VIN, route: DEFAULT_ROUTE, interval: 10_000, heartbeat: 60_000 },
      this.uplink.services,
    );
  }

  protected decode(bytes: Buffer): Said[] {
    const decoder = new Gbt32960Decoder();
    decoder.push(bytes);
    const said = [];
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
      assert.ok(frame.kind === 'frame');
      assert.equal(frame.vin, VIN);
      const { data, faults } = decodeData(frame);
      assert.deepEqual(faults, []);
      said.push({ edition: frame.edition, command: frame.command, response: frame.response, data });
    }
    return said;
  }

  protected isReport({ command }: Said): boolean {
    return command === Command.RealTimeReport;
  }

  protected accepts(said: Said): void {
    this.answers(said);
  }

  sends(command: number, data: Data, response: number = ResponseFlag.Command): void {
    this.vehicle.received(encodeMessage({ edition: this.#edition, command, response, vin: VIN, data }));
  }

  answers({ command }: Said, response: number = ResponseFlag.Success): void {
    this.sends(command, { Time: TIME }, response);
  }

  logsIn(): void {
    this.vehicle.opened(this.uplink);
    this.answers(this.takeOne());
  }
}

/** A vehicle that is logged in and has asked for the time. */
function loggedIn(edition: Edition = 2016): Site {
  const site = new Site(edition);
  site.logsIn();
  assert.equal(site.takeOne().command, Command.TimeSync);
  return site;
}

/** The only subsystem that an item of a report has. */
function subsystemOf(info: Data | undefined): Data {
  const [subsystem] = (info?.SubSystems ?? []) as Data[];
  assert.ok(subsystem);
  return subsystem;
}

test('it logs in, and is in when the platform says so; it asks for the time then', () => {
  const site = new Site();
  site.vehicle.opened(site.uplink);
  const login = site.takeOne();
  assert.equal(login.command, Command.VehicleLogin);
  assert.deepEqual(
    { ...login.data },
    { Time: TIME, Seq: 1, ICCID: '89860000000000000007', Num: 1, Length: 24, Id: `0000000${VIN}` },
  );
  assert.deepEqual(site.uplink.said, []);
  site.answers(login);
  assert.deepEqual(site.uplink.said, ['accepted']);
  assert.equal(site.takeOne().command, Command.TimeSync);
});

test('each login has the next serial number', () => {
  const site = loggedIn();
  site.vehicle.closed();
  site.vehicle.opened(site.uplink);
  assert.equal(site.takeOne().data.Seq, 2);
});

test('a login that is refused is told of with the response flag', () => {
  const site = new Site();
  site.vehicle.opened(site.uplink);
  site.answers(site.takeOne(), ResponseFlag.VinRepeated);
  assert.deepEqual(site.uplink.said, ['refused: login, response 3']);
});

test('a report of 2016 has all of a vehicle, with 96 cells', () => {
  const site = loggedIn();
  site.uplink.clock.advance(10_000);
  const [report] = site.reports();
  const infos = report?.data.Infos as Data[];
  assert.deepEqual(
    infos.map(({ Type: type }) => type),
    ['Vehicle', 'DriveMotor', 'Location', 'Extreme', 'Alarm', 'ChargeableVoltage', 'ChargeableTemp'],
  );
  const cells = subsystemOf(infos[5]).CellsVoltage as number[];
  assert.equal(cells.length, 96);
  assert.equal(infos[3]?.MaxBatteryVoltage, Math.max(...cells));
  assert.equal(cells[Number(infos[3]?.MinVoltageBatteryCode) - 1], Math.min(...cells));
  const total = cells.reduce((sum, cell) => sum + cell, 0) / 100;
  assert.ok(Math.abs(total - Number(infos[0]?.Voltage)) < 10, String(total));
});

test('a report of 2025 has what that edition has', () => {
  const site = loggedIn(2025);
  site.uplink.clock.advance(10_000);
  const [report] = site.reports();
  assert.equal(report?.edition, 2025);
  const infos = report?.data.Infos as Data[];
  assert.deepEqual(
    infos.map(({ Type: type }) => type),
    ['Vehicle', 'DriveMotor', 'Location', 'Alarm', 'MinVoltageOfPowerBattery', 'TempOfPowerBattery'],
  );
  assert.equal((subsystemOf(infos[4]).MinParallelUnitVoltage as number[]).length, 96);
});

test('it moves: every report has a mileage above the one before', () => {
  const site = loggedIn();
  const reports = site.passes(60_000).filter(({ command }) => command === Command.RealTimeReport);
  const mileages = reports.map(({ data }) => Number((data.Infos as Data[])[0]?.Mileage));
  assert.equal(mileages.length, 6);
  assert.deepEqual(
    mileages,
    [...mileages].sort((a, b) => a - b),
  );
  assert.ok(Number(mileages.at(-1)) > Number(mileages[0]));
});

test('it sends heartbeats', () => {
  const site = loggedIn();
  assert.equal(site.passes(180_000).filter(({ command }) => command === Command.Heartbeat).length, 3);
});

test('a report that the platform does not take is counted as rejected', () => {
  const site = loggedIn();
  site.uplink.clock.advance(10_000);
  const [report] = site.reports();
  assert.ok(report);
  site.answers(report, ResponseFlag.Error);
  assert.equal(site.uplink.tally.counts.rejected, 1);
});

test('a platform that answers nothing has lost it', () => {
  const site = loggedIn();
  site.uplink.clock.advance(70_000);
  assert.deepEqual(site.uplink.said, ['accepted', 'lost: no answers']);
});

test('what it gathers without a connection is reissued in order, with the times at which it was', () => {
  const site = loggedIn();
  site.uplink.clock.advance(10_000);
  site.vehicle.closed();
  site.take();
  site.uplink.clock.advance(50_000);
  assert.deepEqual(site.take(), []);
  site.logsIn();
  const [time, ...reissued] = site.take();
  assert.equal(time?.command, Command.TimeSync);
  assert.deepEqual(
    reissued.map(({ command }) => command),
    Array.from({ length: 5 }, () => Command.Reissue),
  );
  const seconds = reissued.map(({ data }) => {
    const { Minute: minute, Second: second } = data.Time as { Minute: number; Second: number };
    return minute * 60 + second;
  });
  assert.deepEqual(
    seconds.map((second) => second - Number(seconds[0])),
    [0, 10, 20, 30, 40],
  );
});

test('its parameters can be asked for and set; intervals count from then on', () => {
  const site = loggedIn();
  site.sends(Command.Query, { Time: TIME, Ids: ['0x02', '0x09', '0x05'] });
  const { command, response, data } = site.takeOne();
  assert.deepEqual([command, response], [Command.Query, ResponseFlag.Success]);
  assert.deepEqual({ ...data }, { Time: TIME, Total: 2, Params: [{ '0x02': 10 }, { '0x09': 60 }] });
  site.sends(Command.Setting, { Time: TIME, Params: [{ '0x02': 1 }, { '0x04': 4 }, { '0x05': 'host' }] });
  assert.deepEqual(
    [site.takeOne()].map(({ response: flag }) => flag),
    [ResponseFlag.Success],
  );
  site.sends(Command.Query, { Time: TIME, Ids: ['0x05'] });
  assert.deepEqual(site.takeOne().data.Params, [{ '0x04': 4 }, { '0x05': 'host' }]);
  site.uplink.clock.advance(10_000);
  site.take();
  site.uplink.clock.advance(10_000);
  assert.equal(site.reports().length, 10);
});

test('control commands are answered; a reset or a disconnect ends the connection', () => {
  const site = loggedIn();
  site.sends(Command.Control, { Time: TIME, Command: '0x07' });
  assert.deepEqual({ ...site.takeOne().data }, { Time: TIME, Command: '0x07' });
  assert.deepEqual(site.uplink.said, ['accepted']);
  site.sends(Command.Control, { Time: TIME, Command: '0x03' });
  assert.equal(site.takeOne().response, ResponseFlag.Success);
  assert.deepEqual(site.uplink.said, ['accepted', 'hung up']);
  assert.equal(site.uplink.tally.counts.commands, 2);
});

test('a command that is wrong is answered by an error, one that is not known not at all', () => {
  const site = loggedIn();
  const encryption = 3;
  const encrypted = { command: Command.Query, vin: VIN, encryption, data: { Data: 'AAAA' } };
  site.vehicle.received(encodeMessage(encrypted));
  assert.equal(site.takeOne().response, ResponseFlag.Error);
  site.sends(0xc0, { Data: '' });
  assert.deepEqual(site.take(), []);
});

test('it logs out with the serial number of its login, and says nothing more', () => {
  const site = loggedIn();
  site.vehicle.leave();
  const { command, data } = site.takeOne();
  assert.deepEqual([command, data.Seq], [Command.VehicleLogout, 1]);
  site.uplink.clock.advance(600_000);
  assert.deepEqual(site.take(), []);
});
