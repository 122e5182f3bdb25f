import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage } from '@portico/codec-jt808';
import { type Logger, silentLogger } from '@portico/core';
import { frameOf, location, PHONE, Site, type TestTerminal } from './testing.js';

const UP = `jt808/${PHONE}/up`;

/** The general response to the message with that serial number. */
function confirmed(seq: number, id: number, result = 0): string {
  return `0x8001 ${JSON.stringify({ seq, id, result })}`;
}

const REGISTRATION = {
  province: 31,
  city: 115,
  manufacturer: '12345',
  model: 'M1',
  dev_id: 'T000001',
  color: 2,
  license_number: '沪A12345',
};

// Coming in

test('a terminal registers, authenticates with the code that it got, and is connected under its phone number', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  const [answer] = terminal.take();
  assert.ok(answer);
  const { seq, result, auth_code: code } = answer.body as Record<string, unknown>;
  assert.deepEqual([answer.header.msg_id, seq, result], [0x8100, 0, 0]);
  assert.match(String(code), /^[0-9a-f]{16}$/);
  await terminal.sends(0x0102, { code });
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0102)]);
  assert.equal(terminal.peer.clientId, PHONE);
});

test('operators see what a terminal has registered as', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  await terminal.sends(0x0102, { code: 'abc' });
  const session = site.hub.engine.sessions.get(PHONE);
  assert.equal(session?.client.protocolVersion, 2013);
  assert.deepEqual(session?.status.details, {
    phone: PHONE,
    device: '12345T000001',
    model: 'M1',
    plate: '沪A12345',
  });
});

test('a terminal that registers again gets the same code', async () => {
  const site = await Site.open();
  const first = site.terminal();
  await first.sends(0x0100, REGISTRATION);
  const again = site.terminal();
  await again.sends(0x0100, REGISTRATION);
  assert.deepEqual(again.look(), first.look());
});

test('access control is asked with phone number and code, and may refuse; the third time is the last', async () => {
  const site = await Site.open();
  const asked: unknown[] = [];
  site.hub.access.addAuthenticator({
    name: 'test',
    authenticate: ({ username, password }) => {
      asked.push([username, password?.toString()]);
      return { answer: 'deny', refusal: 'bad_credentials' };
    },
  });
  const terminal = site.terminal();
  for (const code of ['a', 'b', 'c']) await terminal.sends(0x0102, { code });
  assert.deepEqual(asked, [
    [PHONE, 'a'],
    [PHONE, 'b'],
    [PHONE, 'c'],
  ]);
  assert.deepEqual(
    terminal.look(),
    [0, 1, 2].map((seq) => confirmed(seq, 0x0102, 1)),
  );
  assert.equal(terminal.closed, 'bad_credentials');
});

test('before it is authenticated nothing of a terminal is published, and it is told so', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  await terminal.sends(0x0200, location());
  assert.deepEqual(terminal.look(), [confirmed(0, 0x0200, 1)]);
  assert.deepEqual(site.heard(), []);
  assert.equal(site.count('frames.refused'), 1);
});

test('of what a terminal says before it is in, no parts are put together', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  for (const [id, body] of [
    [0x0100, REGISTRATION],
    [0x0102, { code: 'c'.repeat(30) }],
  ] as const) {
    for (const part of terminal.frames(id, body, 20)) await terminal.sendsBytes(part);
  }
  const refused = [0, 1, 2].map((seq) => confirmed(seq, 0x0100, 2));
  assert.deepEqual(terminal.look(), [...refused, confirmed(3, 0x0102, 2), confirmed(4, 0x0102, 2)]);
  assert.equal(site.count('frames.refused'), 5);
});

test('of a registration that cannot be read whole the log tells', async () => {
  const lines: unknown[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (...line: unknown[]) => void lines.push(line),
    isLevelEnabled: () => true,
    child: () => log,
  };
  const site = await Site.open({}, { log });
  const terminal = site.terminal();
  await terminal.sendsBytes(frameOf(0x0100, 0, Buffer.alloc(1)));
  assert.equal(site.count('bodies.faulty'), 1);
  const reason = '2 bytes are due, 1 are left';
  const told = { phone: PHONE, message: '0x0100', path: 'province', offset: 0, reason, unlogged: undefined };
  assert.deepEqual(lines, [[told, 'a JT/T 808 body cannot be read whole']]);
});

test('a connection whose terminal is never authenticated is closed', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  await terminal.sends(0x0002);
  site.hub.clock.advance(15_000);
  assert.equal(terminal.closed, 'idle_timeout');
});

test('a terminal that is silent is gone; heartbeats keep it', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.hub.clock.advance(299_000);
  await terminal.sends(0x0002);
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0002)]);
  site.hub.clock.advance(299_000);
  assert.equal(terminal.closed, undefined);
  site.hub.clock.advance(1_000);
  assert.equal(terminal.closed, 'keepalive_timeout');
});

test('the same phone number on a new connection takes over, in a storm of them too', async () => {
  const site = await Site.open();
  const terminals: TestTerminal[] = [];
  for (let i = 0; i < 20; i++) terminals.push(await site.authenticated());
  const last = terminals.pop();
  assert.deepEqual(
    terminals.map(({ closed }) => closed),
    terminals.map(() => 'taken_over'),
  );
  site.command(0x8104);
  assert.deepEqual(last?.look(), ['0x8104 {}']);
});

test('0x0003 is answered, and the end', async () => {
  const terminal = await (await Site.open()).authenticated();
  await terminal.sends(0x0003);
  assert.deepEqual([terminal.look(), terminal.closed], [[confirmed(1, 0x0003)], 'normal']);
});

test('what a terminal has sent before it logs out is answered, once it is durable', async () => {
  const terminal = await (await Site.open()).authenticated();
  terminal.peer.storing = true;
  await terminal.sends(0x0200, location());
  await terminal.sends(0x0003);
  assert.deepEqual([terminal.look(), terminal.closed], [[], undefined]);
  terminal.peer.settle();
  assert.deepEqual(
    [terminal.look(), terminal.closed],
    [[confirmed(1, 0x0200), confirmed(2, 0x0003)], 'normal'],
  );
});

test('0x0004 is answered with the time of UTC, before authentication too', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  await terminal.sends(0x0004);
  const time = new Date(site.hub.clock.now()).toISOString().replaceAll(/\D/g, '').slice(2, 14);
  assert.deepEqual(terminal.look(), [`0x8004 {"time":"${time}"}`]);
});

test('a terminal of 2019 has a phone number of 20 digits, and is answered in its edition', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  terminal.phone = `00000000${PHONE}`;
  terminal.version = 1;
  await terminal.sends(0x0102, { code: 'abc', imei: '123456789012345', software_version: 'V1' });
  const [answer] = terminal.take();
  assert.deepEqual(
    [answer?.header.phone, answer?.header.proto_ver, answer?.body],
    [terminal.phone, 1, { seq: 0, id: 0x0102, result: 0 }],
  );
  await terminal.sends(0x0200, location());
  assert.equal(site.heard()[0]?.topic, `jt808/${terminal.phone}/up`);
});

// What terminals send

test('a location is published as JSON with QoS 1, then answered; the phone number keeps its zero', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  await terminal.sends(0x0200, location({ mileage: 1234 }));
  assert.deepEqual(
    site.application.received.map(({ qos }) => qos),
    [1],
  );
  assert.deepEqual(site.heard(), [
    {
      topic: UP,
      message: {
        header: { msg_id: 0x0200, encrypt: 0, len: 34, phone: PHONE, msg_sn: 1 },
        body: location({ mileage: 1234 }),
      },
    },
  ]);
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0200)]);
});

test('the answer leaves when the message is durable, and answers leave in order', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  terminal.peer.storing = true;
  await terminal.sends(0x0200, location());
  await terminal.sends(0x0002);
  await terminal.sends(0x0004);
  assert.deepEqual(terminal.look(), []);
  terminal.peer.settle();
  const ids = terminal.take().map(({ header }) => [header.msg_id, header.msg_sn]);
  assert.deepEqual(ids, [
    [0x8001, 1],
    [0x8001, 2],
    [0x8004, 3],
  ]);
});

test('what may not be published is answered with failure', async () => {
  const site = await Site.open();
  site.hub.authorize('publish', 'deny');
  const terminal = await site.authenticated();
  await terminal.sends(0x0200, location());
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0200, 1)]);
});

test('with format scaled locations are in degrees and km/h', async () => {
  const site = await Site.open({ format: 'scaled' });
  const terminal = await site.authenticated();
  const south = { ...location({ mileage: 12_345, fuel_meter: 405 }), status: 0b1110 };
  await terminal.sends(0x0200, south);
  await terminal.sends(0x0704, { length: 1, type: 0, location: [location()] });
  const [report, batch] = site.bodies();
  assert.deepEqual(report, {
    ...south,
    latitude: -31.230416,
    longitude: -121.473701,
    speed: 60.5,
    time: '2026-11-21T16:30:00+08:00',
    extra: { mileage: 1234.5, fuel_meter: 40.5 },
  });
  assert.deepEqual(batch?.location, [
    {
      ...location(),
      latitude: 31.230416,
      longitude: 121.473701,
      speed: 60.5,
      time: '2026-11-21T16:30:00+08:00',
    },
  ]);
});

test('with up_topic_per_message the topic tells the id of the message', async () => {
  const site = await Site.open({ up_topic_per_message: true });
  const terminal = await site.authenticated();
  await terminal.sends(0x0200, location());
  assert.equal(site.heard()[0]?.topic, `${UP}/0x0200`);
});

test('topics of manufacturer and terminal id, as it has registered', async () => {
  const site = await Site.open({ up_topic: 'jt808/%i/up', dn_topic: 'jt808/%i/dn' });
  const stranger = site.terminal();
  await stranger.sends(0x0102, { code: 'abc' });
  assert.deepEqual(stranger.look(), [confirmed(0, 0x0102, 1)]);
  assert.equal(stranger.closed, 'clientid_invalid');
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  await terminal.sends(0x0102, { code: 'abc' });
  await terminal.sends(0x0200, location());
  assert.equal(site.heard()[0]?.topic, 'jt808/12345T000001/up');
  terminal.look();
  site.command(0x8104, undefined, '12345T000001');
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
});

test('a batch with one bad record is published with the others, and answered', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const [sound] = terminal.frames(0x0704, { length: 2, type: 1, location: [location(), location()] });
  assert.ok(sound);
  const batch = sound.subarray(13, -2);
  const oneBad = [
    Buffer.from([0, 3, 1]),
    batch.subarray(3, 33),
    Buffer.from('0003626164', 'hex'),
    batch.subarray(33),
  ];
  await terminal.sendsBytes(frameOf(0x0704, 2, Buffer.concat(oneBad)));
  const [heard] = site.heard();
  assert.deepEqual(heard?.message.body.location, [location(), { data: 'YmFk' }, location()]);
  assert.ok(Array.isArray(heard?.message.errors));
  assert.deepEqual(terminal.look(), [confirmed(2, 0x0704)]);
  assert.equal(terminal.closed, undefined);
});

test('a bad additional item is told in errors, and the terminal stays', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const [sound] = terminal.frames(0x0200, location());
  assert.ok(sound);
  const body = Buffer.concat([sound.subarray(13, -2), Buffer.from('0104000000073009ff', 'hex')]);
  await terminal.sendsBytes(frameOf(0x0200, 2, body));
  const [heard] = site.heard();
  assert.equal(heard?.message.body.latitude, location().latitude);
  assert.ok(Array.isArray(heard?.message.errors));
  assert.equal(site.count('bodies.faulty'), 1);
  assert.deepEqual(terminal.look(), [confirmed(2, 0x0200)]);
});

test('an additional item with another length than the standard has is passed on as it is', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const [sound] = terminal.frames(0x0200, location());
  assert.ok(sound);
  const items = Buffer.from('300102310203041402abcd', 'hex');
  await terminal.sendsBytes(frameOf(0x0200, 2, Buffer.concat([sound.subarray(13, -2), items])));
  const [body] = site.bodies();
  assert.deepEqual(body?.extra, { rssi: 2, 49: 'AwQ=', 20: 'q80=' });
  assert.deepEqual(terminal.look(), [confirmed(2, 0x0200)]);
});

for (const [encoding, bytes] of [
  ['gbk', 'c7b0b7bd'],
  ['utf8', 'e5898de696b9'],
] as const) {
  test(`with string_encoding ${encoding} text is that, both ways`, async () => {
    const site = await Site.open({ string_encoding: encoding });
    const terminal = await site.authenticated();
    site.command(0x8300, { flag: 1, text: '前方' });
    const [sent] = terminal.peer.take();
    assert.equal(sent?.frame.subarray(14, -2).toString('hex'), bytes);
    const name = Buffer.from(bytes, 'hex');
    // A driver's card: in, at that time, read; the name behind its length.
    const card = Buffer.from('0126112116300000', 'hex');
    const rest = Buffer.concat([Buffer.alloc(20), Buffer.of(0), Buffer.from('20301231', 'hex')]);
    await terminal.sendsBytes(frameOf(0x0702, 1, Buffer.concat([card, Buffer.of(name.length), name, rest])));
    assert.equal(site.bodies()[0]?.driver_name, '前方');
  });
}

test('an unknown message is passed on with its bytes, and answered', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  await terminal.sends(0x0fff, { data: 'AQID' });
  assert.deepEqual(site.bodies(), [{ unknown_id: true, data: 'AQID' }]);
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0fff)]);
});

test('0x0801 in parts of which one is lost: it is asked for, and the whole answered with 0x8800', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const { extra, ...position } = location();
  const media = { id: 7, type: 0, format: 0, event: 1, channel: 1, location: position };
  const multimedia = Buffer.alloc(250, 1).toString('base64');
  const [first, second, third] = terminal.frames(0x0801, { ...media, multimedia }, 100) as Buffer[];
  assert.ok(first && second && third);
  await terminal.sendsBytes(first);
  await terminal.sendsBytes(third);
  assert.deepEqual([site.heard(), terminal.look()], [[], []]);
  site.hub.clock.advance(5_010);
  assert.deepEqual(terminal.look(), ['0x8003 {"seq":1,"length":1,"ids":[2]}']);
  await terminal.sendsBytes(second);
  assert.deepEqual(site.bodies(), [{ ...media, multimedia }]);
  assert.deepEqual(terminal.look(), ['0x8800 {"mm_id":7,"length":0,"retx_ids":[]}']);
});

test('a message whose parts never come is given up, counted', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const [first] = terminal.frames(0x0900, { type: 1, data: Buffer.alloc(50).toString('base64') }, 20);
  assert.ok(first);
  await terminal.sendsBytes(first);
  for (let i = 0; i < 4; i++) site.hub.clock.advance(5_010);
  assert.equal(terminal.look().length, 3);
  assert.equal(site.count('parts.dropped'), 1);
  site.hub.clock.advance(60_000);
  assert.deepEqual(terminal.look(), []);
});

test('a frame with a wrong check byte is answered: the message is wrong', async () => {
  const terminal = await (await Site.open()).authenticated();
  const [frame] = terminal.frames(0x0200, location());
  assert.ok(frame);
  frame.writeUInt8(frame.readUInt8(20) ^ 1, 20);
  await terminal.sendsBytes(frame);
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0200, 2)]);
});

test('what is no frame is counted and passed over; too much in a row is the end', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const bad = Buffer.from('7e7d037e', 'hex');
  for (let i = 0; i < 19; i++) await terminal.sendsBytes(bad);
  await terminal.sends(0x0002);
  assert.deepEqual([terminal.look(), terminal.closed], [[confirmed(1, 0x0002)], undefined]);
  for (let i = 0; i < 20; i++) await terminal.sendsBytes(bad);
  assert.equal(terminal.closed, 'malformed_input');
  assert.equal(site.count('frames.malformed'), 39);
});

test('messages with the phone number of another terminal are left out, counted', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  terminal.phone = '013900000000';
  await terminal.sends(0x0200, location());
  assert.deepEqual([site.heard(), terminal.look(), terminal.closed], [[], [], undefined]);
  assert.equal(site.count('frames.other_phone'), 1);
});

// Commands

test('a command with only an id in its header is sent; the answer ends the wait, and is published', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8900, { type: 240, data: 'MTIzNDU2' });
  const [sent] = terminal.take();
  assert.deepEqual(sent?.header.phone, PHONE);
  assert.deepEqual(sent?.body, { type: 240, data: 'MTIzNDU2' });
  await terminal.sends(0x0001, { seq: sent?.header.msg_sn, id: 0x8900, result: 0 });
  assert.deepEqual(site.bodies(), [{ seq: sent?.header.msg_sn, id: 0x8900, result: 0 }]);
  site.hub.clock.advance(60_000);
  assert.deepEqual(terminal.look(), []);
  assert.equal(site.count('commands.retransmitted'), 0);
});

test('one command at a time: the next is sent when the one before is answered, also by its own answer', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8201);
  site.command(0x8107);
  site.command(0x8300, { flag: 1, text: '前方拥堵' });
  const [query] = terminal.take();
  assert.equal(query?.header.msg_id, 0x8201);
  await terminal.sends(0x0201, { seq: 999, params: location() });
  assert.deepEqual(terminal.look(), []);
  await terminal.sends(0x0201, { seq: query?.header.msg_sn, params: location() });
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  await terminal.sends(0x0107, {
    type: 1,
    manufacturer: '12345',
    model: 'M1',
    id: 'T000001',
    iccid: '89860012345678901234',
    hardware_version: '1',
    firmware_version: '2',
    gnss_prop: 1,
    comm_prop: 1,
  });
  assert.deepEqual(terminal.look(), ['0x8300 {"flag":1,"text":"前方拥堵"}']);
  const [, , properties] = site.bodies();
  assert.equal(properties?.iccid, '89860012345678901234');
});

test('a command that is not answered is sent again as it was, then given up, which applications are told', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8104);
  site.command(0x8107);
  const [sent] = terminal.take();
  for (let i = 0; i < 3; i++) {
    site.hub.clock.advance(8_010);
    assert.deepEqual(terminal.take(), [sent]);
  }
  site.hub.clock.advance(8_010);
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  const [told] = site.heard();
  assert.equal(told?.message.error, 'no_answer');
  assert.equal(told?.message.header.msg_id, 0x8104);
  assert.equal(site.count('commands.retransmitted'), 3);
  assert.equal(site.count('commands.unanswered'), 1);
});

test('a command that is answered is over, however long it takes to publish the answer', async () => {
  const site = await Site.open({ max_retries: 0 });
  const terminal = await site.authenticated();
  site.command(0x8104);
  site.command(0x8107);
  const [query] = terminal.take();
  let publish = (): void => undefined;
  const published = new Promise<void>((resolve) => {
    publish = resolve;
  });
  site.hub.hooks.messagePublish.add('slow', () => published);
  const answered = terminal.sends(0x0104, { seq: query?.header.msg_sn, params: [] });
  site.hub.clock.advance(20_000);
  assert.deepEqual(terminal.take(), []);
  publish();
  await answered;
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  assert.deepEqual(
    site.heard().map(({ message }) => [message.header.msg_id, message.error]),
    [[0x0104, undefined]],
  );
});

test('a terminal that answers a command twice does not answer the next one by that', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  for (const id of [0x8201, 0x8107, 0x8702]) site.command(id);
  const [query] = terminal.take();
  const publishing: (() => void)[] = [];
  site.hub.hooks.messagePublish.add('slow', () => new Promise<void>((resolve) => publishing.push(resolve)));
  const answer = { seq: query?.header.msg_sn, params: location() };
  const answered = [terminal.sends(0x0201, answer), terminal.sends(0x0201, answer)];
  for (const publish of publishing) publish();
  await Promise.all(answered);
  assert.deepEqual(terminal.look(), ['0x8107 {}']);
  assert.equal(site.bodies().length, 2);
});

test('the late answer to a command that was given up does not answer the next one of its kind', async () => {
  const site = await Site.open({ max_retries: 0 });
  const terminal = await site.authenticated();
  for (const id of [0x8201, 0x8201, 0x8104]) site.command(id);
  const [first] = terminal.take();
  site.hub.clock.advance(8_010);
  const [second] = terminal.take();
  await terminal.sends(0x0201, { seq: first?.header.msg_sn, params: location() });
  assert.deepEqual(terminal.look(), []);
  await terminal.sends(0x0201, { seq: second?.header.msg_sn, params: location() });
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
});

test('what is no command, or cannot be written, is refused with the reason, and the next one sent', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.application.publish(`jt808/${PHONE}/dn`, 'hello', 1);
  site.application.publish(`jt808/${PHONE}/dn`, '{"header":{"msg_id":70000}}', 1);
  site.command(0x8300, { flag: 1 });
  site.command(0x8300, { flag: 1, text: '\u{1f600}' });
  site.command(0x8104);
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
  const told = site.heard().map(({ message }) => message);
  assert.deepEqual(
    told.map(({ error }) => error),
    ['bad_command', 'bad_command', 'bad_command', 'bad_command'],
  );
  assert.equal(told[0]?.reason, 'it is not JSON');
  assert.match(String(told[1]?.reason), /^header\.msg_id: /);
  assert.match(String(told[2]?.reason), /^body\.text: /);
  assert.equal(site.count('commands.invalid'), 4);
});

test('of more commands than may wait the oldest are dropped, counted, which applications are told', async () => {
  const site = await Site.open({ max_mqueue_len: 2 });
  const terminal = await site.authenticated();
  for (const id of [0x8104, 0x8107, 0x8201, 0x8702]) site.command(id);
  site.application.publish(`jt808/${PHONE}/dn`, 'hello', 1);
  site.command(0x8204);
  assert.deepEqual(
    site.heard().map(({ message: { header, error } }) => [header, error]),
    [0x8107, 0x8201, 0x8702].map((msg_id) => [{ msg_id }, 'queue_full']),
  );
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
  assert.equal(site.hub.metrics.get('delivery.dropped.queue_full'), 3);
});

test('a topic of commands that has what the terminal says, too, does not send that back', async () => {
  const site = await Site.open({ dn_topic: 'jt808/%c/#' });
  const terminal = await site.authenticated();
  site.command(0x8300, {});
  await terminal.sends(0x0200, location());
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0200)]);
  assert.equal(site.heard().length, 2);
});

test('a long command is sent in parts, and those that the terminal misses again', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const firmware = Buffer.alloc(2500, 7).toString('base64');
  const command = { type: 0, manufacturer: '12345', ver_len: 1, version: '2', fw_len: 2500, firmware };
  site.command(0x8108, command);
  const parts = terminal.take();
  assert.deepEqual(
    parts.map(({ header }) => [header.frag_sn, header.frag_total]),
    [
      [1, 3],
      [2, 3],
      [3, 3],
    ],
  );
  const seq = parts[0]?.header.msg_sn;
  await terminal.sends(0x0005, { seq, count: 1, ids: [2] });
  const [again, answer] = terminal.take();
  assert.deepEqual(again, parts[1]);
  assert.deepEqual(answer?.body, { seq: 1, id: 0x0005, result: 0 });
  await terminal.sends(0x0001, { seq: parts[2]?.header.msg_sn, id: 0x8108, result: 0 });
  site.command(0x8104);
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
});

test('commands wait for a terminal that is away, and one that it has not answered is sent again', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  site.command(0x8104);
  terminal.channel.onClose('closed');
  site.command(0x8107);
  const back = site.terminal();
  await back.sends(0x0102, { code: 'abc' });
  assert.deepEqual(back.look(), [confirmed(0, 0x0102), '0x8104 {}']);
  await back.sends(0x0104, { seq: 1, length: 0, params: [] });
  assert.deepEqual(back.look(), ['0x8107 {}']);
});

test('with session_expiry_interval 0 they do not', async () => {
  const site = await Site.open({ session_expiry_interval: 0 });
  const terminal = await site.authenticated();
  terminal.channel.onClose('closed');
  site.command(0x8107);
  const back = await site.authenticated();
  assert.deepEqual(back.look(), []);
});

test('the driver is confirmed when he was not asked for', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const driver = {
    status: 1,
    time: '261121163000',
    ic_result: 0,
    driver_name: '王小明',
    certificate: '310101',
    organization: '上海',
    cert_expiry: '20301231',
  };
  await terminal.sends(0x0702, driver);
  assert.deepEqual(terminal.look(), [confirmed(1, 0x0702)]);
  site.command(0x8702);
  terminal.look();
  await terminal.sends(0x0702, driver);
  assert.deepEqual(terminal.look(), []);
  assert.equal(site.bodies()[0]?.driver_name, '王小明');
});

test('an encrypted message is passed on as it is both ways, and applications answer the exchange of keys', async () => {
  const site = await Site.open();
  const terminal = await site.authenticated();
  const secret = { header: { msg_id: 0x8300, encrypt: 1 }, body: { data: 'c2VjcmV0' } };
  site.application.publish(`jt808/${PHONE}/dn`, JSON.stringify(secret), 1);
  const [sent] = terminal.take();
  assert.deepEqual([sent?.header.encrypt, sent?.body], [1, { encrypted: true, data: 'c2VjcmV0' }]);
  await terminal.sends(0x0001, { seq: sent?.header.msg_sn, id: 0x8300, result: 0 });
  const [encrypted] = encodeMessage({
    ...secret,
    header: { ...secret.header, msg_id: 0x0200, phone: PHONE, msg_sn: 2 },
  });
  assert.ok(encrypted);
  await terminal.sendsBytes(encrypted);
  assert.deepEqual(site.bodies()[1], { encrypted: true, data: 'c2VjcmV0' });
  assert.deepEqual(terminal.look(), [confirmed(2, 0x0200)]);
  const key = { e: 65_537, n: Buffer.alloc(128, 3).toString('base64') };
  await terminal.sends(0x0a00, key);
  assert.deepEqual([site.bodies(), terminal.look()], [[key], []]);
  site.command(0x8a00, key);
  site.command(0x8104);
  assert.deepEqual(terminal.look(), [`0x8a00 ${JSON.stringify(key)}`, '0x8104 {}']);
});
