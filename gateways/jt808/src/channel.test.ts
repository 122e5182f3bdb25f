import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '@portico/core';
import { confirmed, frameOf, location, PHONE, REGISTRATION, Site, type TestTerminal } from './testing.js';

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
