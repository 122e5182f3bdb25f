import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Command, encodeMessage, ResponseFlag } from '@portico/codec-gbt32960';
import { TestHub } from '@portico/core/testing';
import { gbt32960Config } from './config.js';
import { application, loggedIn, loginData, platform, Terminal, TIME, VIN } from './testing.js';

const LOCATION = { Type: 'Location', Status: 0, Longitude: 10, Latitude: 100 };
const REPORT = { Time: TIME, Infos: [LOCATION] };

interface Vector {
  readonly name: string;
  readonly source: string;
  readonly response: number;
  readonly hex: string;
  readonly json: { readonly Cmd: number; readonly Data: unknown };
}

/** Examples of what vehicles say, of the manual. */
const EXAMPLES: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../../../codecs/gbt32960/vectors/messages.json', import.meta.url), 'utf8'),
).vectors.filter(({ source, json, response }: Vector) => {
  const isUp = json.Cmd < Command.Query || response !== ResponseFlag.Command;
  return source === 'manual' && isUp;
});

const TOPICS: Readonly<Record<number, string>> = { 1: 'vlogin', 2: 'info', 4: 'vlogout' };

for (const { name, hex, json } of EXAMPLES) {
  test(`the manual's ${name} is published as it stands there`, async () => {
    const hub = new TestHub();
    const terminal = await loggedIn(hub);
    const app = application(hub);
    await terminal.sendsBytes(Buffer.from(hex, 'hex'));
    assert.deepEqual(app.look(), [[`${VIN}/upstream/${TOPICS[json.Cmd] ?? 'response'}`, json]]);
    const answers = json.Cmd < Command.Query ? [[json.Cmd, ResponseFlag.Success]] : [];
    assert.deepEqual(
      terminal.peer.take().map(({ command, response }) => [command, response]),
      answers,
    );
  });
}

test('a login has the VIN as client id, and is answered with its time', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const terminal = await loggedIn(hub);
  assert.equal(terminal.peer.clientId, VIN);
  assert.deepEqual(app.topics(), [`${VIN} vlogin`]);
});

test('heartbeats and requests for the time are answered, before the login too', async () => {
  const terminal = new Terminal(new TestHub());
  await terminal.sends({ command: Command.Heartbeat });
  await terminal.sends({ command: Command.TimeSync });
  const answers = terminal.peer.take();
  assert.deepEqual(
    answers.map(({ command, response, data }) => [command, response, data.toString('hex')]),
    [
      [Command.Heartbeat, ResponseFlag.Success, ''],
      [Command.TimeSync, ResponseFlag.Success, '1a0101080000'],
    ],
  );
});

test('both editions may come by one connection', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const location = { ...LOCATION, CoordinateSystem: 1 };
  const data = { Time: TIME, Infos: [location] };
  await terminal.sends({ command: Command.RealTimeReport, edition: 2025, data });
  await terminal.sends({ command: Command.RealTimeReport, data: REPORT });
  assert.deepEqual(
    app.look().map(([, { ProtoVer, Data }]) => [ProtoVer, Data]),
    [
      ['2025', data],
      [undefined, REPORT],
    ],
  );
  assert.deepEqual(terminal.look(), ['2=1', '2=1']);
});

test('vehicles of both editions come by one port', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const older = await loggedIn(hub);
  const newer = new Terminal(hub);
  const vin = 'LGHC4V1D3HE202652';
  const login = { Time: TIME, Seq: 1, ICCID: '1'.repeat(20) };
  const packs = { BmsNum: 1, BatteryPackCounts: [1], BatteryPackEncodings: [['P'.repeat(24)]] };
  await newer.sends({ command: Command.VehicleLogin, edition: 2025, vin, data: { ...login, ...packs } });
  app.topics();
  app.commands({ Action: 'Control', Command: '0x02' });
  app.commands({ Action: 'Control', Command: '0x02' }, vin);
  assert.deepEqual(
    [older, newer].map(({ peer }) => peer.take().map(({ edition, command }) => [edition, command])),
    [
      [[2016, Command.Control]],
      [
        [2025, Command.VehicleLogin],
        [2025, Command.Control],
      ],
    ],
  );
});

test('reports that were kept come in their order, on a topic of their own', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const kept = { ...REPORT, Time: { ...TIME, Year: 25 } };
  await terminal.sendsBytes(
    Buffer.concat([
      encodeMessage({ command: Command.Reissue, vin: VIN, data: kept }),
      encodeMessage({ command: Command.RealTimeReport, vin: VIN, data: REPORT }),
      encodeMessage({ command: Command.Reissue, vin: VIN, data: kept }),
    ]),
  );
  assert.deepEqual(app.topics(), [`${VIN} reinfo`, `${VIN} info`, `${VIN} reinfo`]);
});

test('a report before the login is refused, and nothing is published', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const terminal = new Terminal(hub);
  await terminal.sends({ command: Command.RealTimeReport, data: REPORT });
  await terminal.sends({ command: Command.RealTimeReport, edition: 2025, data: { Time: TIME, Infos: [] } });
  assert.deepEqual(terminal.look(), ['2=2', '2=4']);
  assert.deepEqual(app.topics(), []);
  assert.equal(hub.metrics.counter('gbt32960.messages.dropped.not_logged_in', '').value, 2);
});

test('a vehicle may not speak for another one', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const vin = 'LGHC4V1D3HE202652';
  await terminal.sends({ command: Command.RealTimeReport, vin, data: REPORT });
  await terminal.logsIn(1, vin);
  assert.deepEqual(terminal.look(), [`2=2 ${vin}`, `1=2 ${vin}`]);
  assert.deepEqual(app.topics(), []);
  assert.equal(terminal.closed, undefined);
});

test('who is not let in is answered and let go', async () => {
  const hub = new TestHub({ policy: { allowAnonymous: false } });
  const terminal = new Terminal(hub);
  await terminal.logsIn();
  assert.deepEqual(terminal.look(), ['1=2']);
  assert.notEqual(terminal.closed, undefined);
});

test('a VIN of which no topic can be made is not let in', async () => {
  for (const vin of ['', 'A/B', 'A+', '\xff#']) {
    const terminal = new Terminal(new TestHub());
    await terminal.sendsBytes(encodeMessage({ command: Command.VehicleLogin, vin, data: loginData() }));
    assert.equal(terminal.peer.take()[0]?.response, ResponseFlag.Error);
    assert.equal(terminal.closed, 'clientid_invalid');
  }
});

test('a second connection of a VIN takes over, or is told of the first', async () => {
  const hub = new TestHub();
  const first = await loggedIn(hub);
  const second = await loggedIn(hub);
  assert.equal(first.closed, 'taken_over');
  const third = new Terminal(hub, { duplicate_vin: 'refuse' });
  await third.logsIn();
  assert.deepEqual(third.look(), ['1=3']);
  assert.equal(third.closed, 'vin_repeated');
  assert.equal(second.closed, undefined);
});

test('after its logout a vehicle may log in again by the same connection', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const logout = { command: Command.VehicleLogout, data: { Time: TIME, Seq: 1 } };
  await terminal.sends(logout);
  await terminal.sends({ command: Command.RealTimeReport, data: REPORT });
  assert.deepEqual(terminal.look(), ['4=1', '2=2']);
  await terminal.logsIn(2);
  assert.deepEqual(terminal.look(), ['1=1']);
  assert.equal(terminal.closed, undefined);
});

test('a login may be repeated with its serial number; a logout with another one is told of', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  await terminal.logsIn(1);
  await terminal.logsIn(0);
  await terminal.logsIn(5);
  await terminal.sends({ command: Command.VehicleLogout, data: { Time: TIME, Seq: 4 } });
  assert.deepEqual(terminal.look(), ['1=1', '1=1', '1=1', '4=1']);
  const reason = (Reason: string) => [{ Path: 'Seq', Code: 'wrong_value', Offset: 6, Reason }];
  assert.deepEqual(
    app.look().map(([, { Errors }]) => Errors),
    [undefined, reason('it goes from 1 to 65531'), undefined, reason('the login had 5')],
  );
});

test('what is sound of a faulty report is published with its errors, and the connection stays', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const whole = encodeMessage({ command: Command.RealTimeReport, vin: VIN, data: REPORT });
  await terminal.sendsBytes(shortened(whole, 1));
  const [[, json] = []] = app.look();
  assert.deepEqual(json?.Data, {
    Time: TIME,
    Infos: [
      { Type: 'Location', Status: 0, Longitude: 10 },
      { Type: 'CustomData', Data: 'AAAA' },
    ],
  });
  assert.deepEqual(json?.Errors, [
    {
      Path: 'Infos.0.Latitude',
      Code: 'truncated',
      Offset: 12,
      Reason: '4 bytes are due, 3 are left',
    },
  ]);
  await terminal.sendsBytes(shortened(whole, 12));
  assert.deepEqual(
    terminal.peer.take().map(({ response }) => response),
    [ResponseFlag.Success, ResponseFlag.Error],
  );
  assert.equal(terminal.closed, undefined);
});

/** A frame whose data lack their last bytes, with a right length and check byte. */
function shortened(frame: Buffer, count: number): Buffer {
  const lengthAt = 22;
  const short = Buffer.from(frame.subarray(0, -count));
  short.writeUInt16BE(frame.readUInt16BE(lengthAt) - count, lengthAt);
  short[short.length - 1] = 0;
  short[short.length - 1] = short.subarray(2).reduce((check, byte) => check ^ byte, 0);
  return short;
}

test('times that cannot be are told of', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  for (const Time of [
    { ...TIME, Month: 13 },
    { ...TIME, Day: 3 },
  ]) {
    await terminal.sends({ command: Command.RealTimeReport, data: { ...REPORT, Time } });
  }
  assert.deepEqual(
    app.look().map(([, { Errors }]) => (Errors as { Reason: string }[])[0]?.Reason),
    ['there is no such time', 'it lies in the future'],
  );
});

test('a frame with a wrong check byte is answered as wrong, and the next one is taken', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const frame = encodeMessage({ command: Command.RealTimeReport, vin: VIN, data: REPORT });
  const wrong = Buffer.from(frame);
  wrong[wrong.length - 1] = (wrong[wrong.length - 1] as number) ^ 1;
  await terminal.sendsBytes(Buffer.concat([wrong, frame]));
  assert.deepEqual(terminal.look(), ['2=2', '2=1']);
  assert.equal(hub.metrics.counter('gbt32960.frames.malformed', '').value, 1);
});

test('a report that its vehicle may not publish is answered as wrong', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  hub.authorize('publish', 'deny');
  await terminal.sends({ command: Command.RealTimeReport, data: REPORT });
  assert.deepEqual(terminal.look(), ['2=2']);
});

test('quantities are published in their units where that is wanted', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, { format: 'scaled' });
  const app = application(hub);
  const infos = [{ ...LOCATION, Longitude: 113_930_000, Latitude: 0xffffffff }];
  await terminal.sends({ command: Command.RealTimeReport, data: { Time: TIME, Infos: infos } });
  const [[, json] = []] = app.look();
  assert.deepEqual(json?.Data, {
    Time: TIME,
    Infos: [{ ...LOCATION, Longitude: 113.93, Latitude: null }],
  });
});

test('what has no topic of its own is transparent', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  await terminal.sends({ command: Command.ActivationResponse, edition: 2025, data: { Result: 1, Info: 1 } });
  assert.deepEqual(app.look(), [
    [
      `${VIN}/upstream/transparent`,
      { Cmd: 10, Encrypt: 1, Vin: VIN, ProtoVer: '2025', Data: { Result: 1, Info: 1 } },
    ],
  ]);
});

test('one who does not log in, or falls silent, is let go', async () => {
  const hub = new TestHub();
  const stranger = new Terminal(hub);
  const vehicle = await loggedIn(hub);
  hub.clock.advance(30_000);
  assert.equal(stranger.closed, 'idle_timeout');
  hub.clock.advance(5 * 60_000);
  assert.equal(vehicle.closed, 'keepalive_timeout');
});

test('commands are for one VIN: their topic has to tell which', () => {
  assert.ok(gbt32960Config.safeParse({ dn_topic: 'cars/%v/do' }).success);
  const { error } = gbt32960Config.safeParse({ dn_topic: 'cars/%c/do' });
  assert.deepEqual(
    error?.issues.map(({ path, message }) => [path, message]),
    [[['dn_topic'], '%v is needed: the VIN that a command is for']],
  );
});

test('operators are told of a vehicle and of a platform', async () => {
  const hub = new TestHub();
  const detailsOf = (clientId: string) => hub.engine.sessions.get(clientId)?.status.details;
  await loggedIn(hub);
  const iccid = '12345678901234567890';
  assert.deepEqual(detailsOf(VIN), { login_seq: '1', iccid, commands: '0' });
  const app = application(hub);
  for (const Command of ['0x02', '0x03']) app.commands({ Action: 'Control', Command });
  assert.deepEqual(detailsOf(VIN), { login_seq: '1', iccid, commands: '2' });
  const fleet = await platform(hub);
  await fleet.logsIn(1, 'LGHC4V1D3HE202652');
  assert.deepEqual(detailsOf('PLATFORM-1'), { login_seq: '1', vehicles: '1' });
});
