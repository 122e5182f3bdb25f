import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { openListener } from '../testing/listener-fixture.js';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  type FrameFlags,
  frame,
  PING,
  PONG,
  RawWebSocket,
  TEXT,
} from './testing.js';

/** What is sent byte for byte, and what comes of it. RFC 6455. */

const COMPRESSED: FrameFlags = { reserved: 4 };
const OFFER = 'Sec-WebSocket-Extensions: permessage-deflate';

test('control frames may stand between fragments; pings are answered at once', async (t) => {
  const it = await openListener(t, 'ws');
  const client = await RawWebSocket.open(t, it);
  client.send(frame(BINARY, 'one ', { fin: false }), frame(PING, 'here?'));
  assert.deepEqual(await client.next(), { opcode: PONG, payload: Buffer.from('here?') });
  client.send(
    frame(CONTINUATION, 'two ', { fin: false }),
    frame(PONG, 'unasked'),
    frame(CONTINUATION, 'three'),
  );
  assert.equal(await (await it.accepted()).text(13), 'one two three');
});

test('frames arrive whole however the stream is cut, one by one or many at a time', async (t) => {
  const it = await openListener(t, 'ws');
  const client = await RawWebSocket.open(t, it);
  client.socket.setNoDelay(true);
  for (const byte of Buffer.concat([frame(BINARY, 'slow '), frame(BINARY, Buffer.alloc(200, 's'))])) {
    client.send(Buffer.of(byte));
    await turn();
  }
  client.send(
    ...Array.from({ length: 300 }, () => frame(BINARY, 'f')),
    frame(BINARY, ''),
    frame(BINARY, 'last'),
  );
  const handler = await it.accepted();
  assert.equal(await handler.text(509), `slow ${'s'.repeat(200)}${'f'.repeat(300)}last`);
});

test('frames that break the protocol are answered with 1002, and nothing behind them is read', async (t) => {
  const it = await openListener(t, 'ws');
  const wrong: Record<string, Buffer[]> = {
    'not masked': [frame(BINARY, 'x', { masked: false })],
    'a ping that is not masked': [frame(PING, 'x', { masked: false })],
    'a reserved opcode': [frame(3, 'x')],
    'a reserved control opcode': [frame(11, 'x')],
    'a reserved bit': [frame(BINARY, 'x', { reserved: 2 })],
    'compressed, which was not agreed on': [frame(BINARY, 'x', COMPRESSED)],
    'a fragmented ping': [frame(PING, 'x', { fin: false })],
    'a ping of more than 125 bytes': [frame(PING, Buffer.alloc(126))],
    'a continuation of nothing': [frame(CONTINUATION, 'x')],
    'a new message within another': [frame(BINARY, '', { fin: false }), frame(BINARY, 'x')],
    'a close of one byte': [frame(CLOSE, 'x')],
    'a close with a code that is none': [frame(CLOSE, Buffer.from('03ed', 'hex'))],
  };
  for (const [what, frames] of Object.entries(wrong)) {
    const client = await RawWebSocket.open(t, it);
    client.send(...frames, frame(BINARY, 'behind'));
    assert.equal(await client.closeCode(), 1002, what);
    const handler = await it.accepted(it.handlers.length - 1);
    client.socket.destroy();
    assert.match(await handler.closed(), /^WS_ERR_/, what);
    assert.equal(handler.length, 0, what);
  }
});

test('text is refused with 1003, also in fragments', async (t) => {
  const it = await openListener(t, 'ws');
  for (const frames of [[frame(TEXT, 'x')], [frame(TEXT, 'x', { fin: false }), frame(CONTINUATION, 'y')]]) {
    const client = await RawWebSocket.open(t, it);
    client.send(...frames);
    assert.equal(await client.closeCode(), 1003);
  }
});

test('a handler that takes text gets its bytes; what is no UTF-8 is refused with 1007', async (t) => {
  const it = await openListener(t, 'ws');
  const client = await RawWebSocket.open(t, it);
  const handler = await it.accepted();
  handler.takesText = true;
  client.send(
    frame(TEXT, 'gr\u00fc', { fin: false }),
    frame(CONTINUATION, '\u00df'),
    frame(BINARY, '\u00ff'),
  );
  assert.equal(await handler.text(8), 'gr\u00fc\u00df\u00ff');
  client.send(frame(TEXT, Buffer.of(0xff)));
  assert.equal(await client.closeCode(), 1007);
  client.socket.destroy();
  assert.equal(await handler.closed(), 'websocket_text');
});

test('a frame that says it is too long is refused with 1009 before it comes', async (t) => {
  const it = await openListener(t, 'ws', { max_frame_size: '1KB' });
  for (const length of [1025n, 2n ** 40n, 2n ** 63n - 1n]) {
    const client = await RawWebSocket.open(t, it);
    client.send(frame(BINARY, '', { length }));
    assert.equal(await client.closeCode(), 1009, String(length));
  }
});

test('a message of endless fragments is refused with 1009 or 1008, however short they are', async (t) => {
  const it = await openListener(t, 'ws', { max_frame_size: '1KB' });
  for (const [piece, code] of [
    ['x', 1009],
    ['', 1008],
  ] as const) {
    const client = await RawWebSocket.open(t, it);
    const rest = Array.from({ length: 20_000 }, () => frame(CONTINUATION, piece, { fin: false }));
    client.send(frame(BINARY, piece, { fin: false }), ...rest);
    assert.equal(await client.closeCode(), code);
  }
});

test('what is small compressed and too large inflated is refused with 1009, in one frame or many', async (t) => {
  const it = await openListener(t, 'ws', { compress: true, max_frame_size: '1MB' });
  const bomb = deflateRawSync(Buffer.alloc(256 * 1024 * 1024), { level: 9 });
  assert.ok(bomb.length < 300_000);
  const half = bomb.length >> 1;
  const whole = [frame(BINARY, bomb, COMPRESSED)];
  const cut = [
    frame(BINARY, bomb.subarray(0, half), { ...COMPRESSED, fin: false }),
    frame(CONTINUATION, bomb.subarray(half)),
  ];
  const before = process.memoryUsage().arrayBuffers;
  for (const frames of [whole, cut]) {
    const client = await RawWebSocket.open(t, it, OFFER);
    client.send(...frames);
    assert.equal(await client.closeCode(), 1009);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 1024 * 1024);
  for (const handler of it.handlers) assert.equal(handler.length, 0);
});

test('what does not inflate is refused with 1007', async (t) => {
  const it = await openListener(t, 'ws', { compress: true });
  const client = await RawWebSocket.open(t, it, OFFER);
  client.send(frame(BINARY, 'this is not deflated', COMPRESSED));
  assert.equal(await client.closeCode(), 1007);
});

test('compressed and plain messages may alternate', async (t) => {
  const it = await openListener(t, 'ws', { compress: true });
  const client = await RawWebSocket.open(t, it, OFFER);
  const squeezed = deflateRawSync(Buffer.from('squeezed '), { finishFlush: 2 }).subarray(0, -4);
  client.send(frame(BINARY, squeezed, COMPRESSED), frame(BINARY, 'plain'));
  assert.equal(await (await it.accepted()).text(14), 'squeezed plain');
});

test('the closing handshake: the code comes back, then the connection ends', async (t) => {
  const it = await openListener(t, 'ws');
  for (const [sent, code] of [
    ['03e8', 1000],
    ['0fa1', 4001],
    ['', 1005],
  ] as const) {
    const client = await RawWebSocket.open(t, it);
    client.send(frame(BINARY, 'bye'), frame(CLOSE, Buffer.from(sent, 'hex')), frame(BINARY, 'too late'));
    const answer = await client.next();
    assert.equal(answer?.opcode, CLOSE);
    assert.equal(answer.payload.length === 0 ? 1005 : answer.payload.readUInt16BE(0), code);
    assert.equal(await client.next(), undefined);
    const handler = await it.accepted(it.handlers.length - 1);
    assert.equal(await handler.closed(), 'closed');
    assert.equal(handler.received.toString(), 'bye');
  }
});

test('pings of a peer that reads no answers are not answered without end', async (t) => {
  const it = await openListener(t, 'ws');
  const client = await RawWebSocket.open(t, it);
  client.socket.pause();
  const { connection } = await it.accepted();
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(PING, Buffer.alloc(125))));
  let most = 0;
  for (let i = 0; i < 400; i++) {
    if (!client.socket.write(pings)) await turn();
    most = Math.max(most, connection.pendingBytes);
  }
  client.send(frame(BINARY, 'still here'));
  assert.equal(await (await it.accepted()).text(10), 'still here');
  most = Math.max(most, connection.pendingBytes);
  assert.ok(most > 0, 'the operating system has taken all of it');
  assert.ok(most < 65 * 1024, `${most} bytes wait`);
});
