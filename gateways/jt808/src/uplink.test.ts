import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage } from '@portico/codec-jt808';
import { confirmed, frameOf, location, PHONE, REGISTRATION, Site } from './testing.js';

const UP = `jt808/${PHONE}/up`;

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
