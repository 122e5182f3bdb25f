import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command, ResponseFlag } from '@portico/codec-gbt32960';
import { TestHub } from '@portico/core/testing';
import { application, loggedIn, Terminal, TIME, VIN } from './testing.js';

const QUERY = { Action: 'Query', Total: 2, Ids: ['0x01', '0x02'] };
const SETTING = { Action: 'Setting', Total: 2, Params: [{ '0x01': 5000 }, { '0x02': 200 }] };
const UPGRADE = {
  Action: 'Control',
  Command: '0x01',
  Param: {
    DialingName: 'hz203',
    Username: 'user001',
    Password: 'password01',
    Ip: '192.168.199.1',
    Port: 8080,
    ManufacturerId: 'BMWA',
    HardwareVer: '1.0.0',
    SoftwareVer: '1.0.0',
    UpgradeUrl: 'ftp://emqtt.io/ftp/server',
    Timeout: 10,
  },
};
const ALARM = { Action: 'Control', Command: '0x06', Param: { Level: 0, Message: 'alarm message' } };

const CHINESE_ALARM = { ...ALARM, Param: { Level: 3, Message: '电池过热，请立即下车' } };
/** Every parameter, those with a length of their own behind it. */
const EVERYTHING = {
  Action: 'Setting',
  Params: [
    { '0x01': 5000 },
    { '0x02': 30 },
    { '0x03': 1 },
    { '0x04': 9 },
    { '0x05': '10.0.0.1A' },
    { '0x06': 7325 },
    { '0x07': 'HW1.0' },
    { '0x08': 'FW1.0' },
    { '0x09': 60 },
    { '0x0A': 30 },
    { '0x0B': 30 },
    { '0x0C': 30 },
    { '0x0D': 4 },
    { '0x0E': '平台' },
    { '0x0F': 7326 },
    { '0x10': 1 },
  ],
};

/** Every example of the manual, and all else that can be told, with what the terminal gets. */
const COMMANDS: readonly (readonly [object, number, object])[] = [
  [QUERY, Command.Query, { Total: 2, Ids: QUERY.Ids }],
  [SETTING, Command.Setting, { Total: 2, Params: SETTING.Params }],
  [UPGRADE, Command.Control, { Command: '0x01', Param: UPGRADE.Param }],
  [EVERYTHING, Command.Setting, { Total: EVERYTHING.Params.length, Params: EVERYTHING.Params }],
  ...['0x02', '0x03', '0x04', '0x05', '0x07'].map(
    (code) => [{ Action: 'Control', Command: code }, Command.Control, { Command: code }] as const,
  ),
  [CHINESE_ALARM, Command.Control, { Command: '0x06', Param: CHINESE_ALARM.Param }],
  [ALARM, Command.Control, { Command: '0x06', Param: ALARM.Param }],
];

for (const [json, command, data] of COMMANDS) {
  test(`${JSON.stringify(json).slice(0, 50)} is sent with the time of the hub`, async () => {
    const hub = new TestHub();
    const terminal = await loggedIn(hub);
    application(hub).commands(json);
    assert.deepEqual(terminal.commands(), [{ command, vin: VIN, data: { Time: TIME, ...data } }]);
  });
}

test('answers to commands are published', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  app.commands(QUERY);
  const params = { Total: 1, Params: [{ '0x01': 6000 }] };
  await terminal.answers(Command.Query, params);
  app.commands(SETTING);
  await terminal.answers(Command.Setting);
  app.commands(ALARM);
  await terminal.answers(Command.Control, {}, ResponseFlag.Error);
  const failure = { Code: 'refused', Reason: 'the terminal answered with 2' };
  const common = { Encrypt: 1, Vin: VIN };
  assert.deepEqual(
    app.look().map(([, json]) => json),
    [
      { Cmd: 128, ...common, Data: { Time: TIME, ...params } },
      { Cmd: 129, ...common, Data: { Time: TIME } },
      { Cmd: 130, ...common, Data: { Time: TIME }, Error: failure },
    ],
  );
  hub.clock.advance(60_000);
  assert.equal(terminal.commands().length, 3);
});

test('a command is sent again every 8 s, three times, and then given up', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  app.commands(QUERY);
  const sent: number[] = [];
  for (let second = 0; second < 40; second++) {
    sent.push(...terminal.commands().map(() => second));
    hub.clock.advance(1000);
  }
  assert.deepEqual(sent, [0, 8, 16, 24]);
  const failure = { Code: 'no_response', Reason: 'sent 4 times' };
  assert.deepEqual(app.look(), [
    [`${VIN}/upstream/response`, { Cmd: 128, Encrypt: 1, Vin: VIN, Error: failure }],
  ]);
});

test('commands go one after the other; ten wait, and the others are told of', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  for (let i = 0; i < 12; i++) app.commands(QUERY);
  assert.equal(terminal.commands().length, 1);
  const failure = { Code: 'queue_full', Reason: '10 commands wait already' };
  assert.deepEqual(
    app.look().map(([, json]) => json),
    [{ Cmd: 128, Encrypt: 1, Vin: VIN, Error: failure }],
  );
  await terminal.answers(Command.Setting);
  assert.equal(terminal.commands().length, 0);
  for (let i = 0; i < 11; i++) await terminal.answers(Command.Query);
  assert.equal(terminal.commands().length, 10);
  assert.equal(hub.metrics.counter('gbt32960.commands.dropped.queue_full', '').value, 1);
});

/** The time of the hub when so many seconds of a test have passed. */
function timeAt(seconds: number): Record<string, number> {
  return { ...TIME, Minute: Math.floor(seconds / 60), Second: seconds % 60 };
}

test('a command has the time at which it is sent first', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  for (let i = 0; i < 2; i++) app.commands(QUERY);
  hub.clock.advance(8000);
  await terminal.answers(Command.Query);
  assert.deepEqual(
    terminal.commands().map(({ data }) => (data as { Time: unknown }).Time),
    [TIME, TIME, timeAt(8)],
  );
});

test('an answer to a repetition does not count as one to the next command', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  for (let i = 0; i < 3; i++) app.commands(QUERY);
  hub.clock.advance(8000);
  await terminal.answers(Command.Query);
  assert.equal(terminal.commands().length, 3);
  await terminal.answers(Command.Query);
  assert.equal(terminal.commands().length, 0);
  await terminal.answers(Command.Query, { Time: timeAt(8) });
  assert.equal(terminal.commands().length, 1);
  assert.deepEqual(app.topics(), Array(3).fill(`${VIN} response`));
});

test('an answer that comes when its command was given up does not count as one to the next', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  for (let i = 0; i < 3; i++) app.commands(QUERY);
  hub.clock.advance(64_000);
  assert.equal(terminal.commands().length, 9);
  await terminal.answers(Command.Query);
  await terminal.answers(Command.Query, { Time: timeAt(32) });
  hub.clock.advance(8000);
  assert.deepEqual(
    terminal.commands().map(({ data }) => (data as { Time: unknown }).Time),
    [timeAt(64)],
  );
});

test('an answer with a time of its own counts as one to the command that is under way', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  for (let i = 0; i < 2; i++) app.commands(QUERY);
  await terminal.answers(Command.Query, { Time: { ...TIME, Year: 20 } });
  assert.equal(terminal.commands().length, 2);
});

test('commands of one who goes are told of', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  app.commands(QUERY);
  app.commands(ALARM);
  terminal.channel.onClose('closed');
  assert.deepEqual(
    app.look().map(([, { Cmd, Error: failure }]) => [Cmd, (failure as { Code: string }).Code]),
    [
      [128, 'disconnected'],
      [130, 'disconnected'],
    ],
  );
  hub.clock.advance(60_000);
  assert.equal(terminal.commands().length, 1);
});

for (const [title, end] of [
  ['is kicked', (hub: TestHub) => hub.engine.kick(VIN)],
  ['comes again by another connection', (hub: TestHub) => new Terminal(hub).logsIn()],
] as const) {
  test(`commands of one who ${title} are told of`, async () => {
    const hub = new TestHub();
    const terminal = await loggedIn(hub);
    const app = application(hub);
    app.commands(QUERY);
    app.commands(ALARM);
    await end(hub);
    assert.notEqual(terminal.closed, undefined);
    const failures = app.look().filter(([topic]) => topic.endsWith('/response'));
    assert.deepEqual(
      failures.map(([, { Cmd, Error: failure }]) => [Cmd, (failure as { Code: string }).Code]),
      [
        [128, 'disconnected'],
        [130, 'disconnected'],
      ],
    );
  });
}

const INVALID: readonly (readonly [unknown, number | undefined, RegExp])[] = [
  ['{', undefined, /Action/],
  ['null', undefined, /Action/],
  ['[]', undefined, /Action/],
  [{ Action: 'Reset' }, undefined, /Action/],
  [{ Action: 'Query', Ids: ['first'] }, 128, /Data\.Ids\.0/],
  [{ Action: 'Query', Ids: Array(300).fill('0x01') }, 128, /Data\.Total/],
  [{ Action: 'Setting', Params: [{ '0x20': 1 }] }, 129, /Data\.Params\.0/],
  [{ Action: 'Control', Command: '0x01' }, 130, /Data\.Param: an object is needed/],
  [{ Action: 'Control', Command: '0x06' }, 130, /Data\.Param: an object is needed/],
  [{ Action: 'Control', Command: '0x06', Param: { Level: 300 } }, 130, /Data\.Param\.Level/],
];

for (const [json, cmd, reason] of INVALID) {
  test(`${JSON.stringify(json).slice(0, 60)} is no command`, async () => {
    const hub = new TestHub();
    const terminal = await loggedIn(hub);
    const app = application(hub);
    app.commands(json);
    assert.deepEqual(terminal.commands(), []);
    const [[topic, { Cmd, Error: failure } = {}] = []] = app.look();
    assert.equal(topic, `${VIN}/upstream/response`);
    assert.equal(Cmd, cmd);
    const { Code, Reason } = failure as { Code: string; Reason: string };
    assert.equal(Code, 'invalid');
    assert.match(Reason, reason);
  });
}
