import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameError } from '@portico/frame';
import { datagramCodec } from './codec.js';
import { location, PHONE, Site, type TestTerminal } from './testing.js';

/** Terminals that speak over UDP: each address has a channel of its own, and none of them a connection. */

function terminalAt(site: Site, port: number): TestTerminal {
  return site.terminal({ transport: 'udp', peer: { host: '192.0.2.1', port } });
}

const codec = datagramCodec(8192);
const confirmed = (seq: number, id: number, result = 0) => `0x8001 ${JSON.stringify({ seq, id, result })}`;

test('each datagram has one frame', async () => {
  const terminal = terminalAt(await Site.open(), 1);
  const [frame] = terminal.frames(0x0200, location());
  assert.ok(frame);
  const decoded = codec.decode(frame);
  assert.equal(decoded.kind === 'frame' && decoded.header.phone, PHONE);
  for (const [bytes, code] of [
    [Buffer.concat([frame, frame]), 'several_frames'],
    [frame.subarray(0, -1), 'no_frames'],
    [Buffer.alloc(0), 'no_frames'],
    [Buffer.from('GET / HTTP/1.1'), 'no_frames'],
  ] as const) {
    assert.throws(() => codec.decode(bytes), { name: 'FrameError', code });
  }
});

test('the parts of a command leave one by one', async () => {
  const site = await Site.open();
  const terminal = terminalAt(site, 1);
  await terminal.sends(0x0102, { code: 'abc' });
  terminal.look();
  site.command(0x8900, { type: 1, data: Buffer.alloc(2500).toString('base64') });
  assert.equal(terminal.peer.take().length, 3);
});

test('a terminal whose address changes is told to authenticate, and goes on as the same', async () => {
  const site = await Site.open();
  const before = terminalAt(site, 1);
  await before.sends(0x0102, { code: 'abc' });
  before.look();
  site.command(0x8104);
  site.command(0x8107);
  assert.deepEqual(before.look(), ['0x8104 {}']);
  const after = terminalAt(site, 2);
  await after.sends(0x0200, location());
  assert.deepEqual(after.look(), [confirmed(0, 0x0200, 1)]);
  assert.deepEqual([site.heard(), before.closed], [[], undefined]);
  await after.sends(0x0102, { code: 'abc' });
  assert.equal(before.closed, 'taken_over');
  assert.deepEqual(after.look(), [confirmed(1, 0x0102), '0x8104 {}']);
  await after.sends(0x0200, location());
  assert.equal(site.heard()[0]?.topic, `jt808/${PHONE}/up`);
});

test('datagrams that are no frame are counted, and do not end a terminal until there are many in a row', async () => {
  const site = await Site.open();
  const terminal = terminalAt(site, 1);
  await terminal.sends(0x0102, { code: 'abc' });
  terminal.look();
  const fault = new FrameError('no_frames', 0, 'there is no frame in the datagram');
  for (let i = 0; i < 19; i++) terminal.channel.onFrameError(fault);
  await terminal.sends(0x0002);
  assert.deepEqual([terminal.look(), terminal.closed], [[confirmed(1, 0x0002)], undefined]);
  for (let i = 0; i < 20; i++) terminal.channel.onFrameError(fault);
  assert.equal(terminal.closed, 'malformed_input');
  assert.equal(site.count('frames.malformed'), 39);
});

test('the address of a terminal that is in is kept until it has been silent for its keep alive', async () => {
  const site = await Site.open();
  const terminal = terminalAt(site, 1);
  assert.equal(terminal.channel.mayBeSilent?.(), false);
  await terminal.sends(0x0102, { code: 'abc' });
  assert.equal(terminal.channel.mayBeSilent?.(), true);
  site.hub.clock.advance(300_000);
  assert.equal(terminal.closed, 'keepalive_timeout');
  const forEver = await Site.open({ keepalive: 0 });
  const another = terminalAt(forEver, 1);
  await another.sends(0x0102, { code: 'abc' });
  assert.equal(another.channel.mayBeSilent?.(), false);
});
