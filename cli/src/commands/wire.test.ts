import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { PorticoFolder, tcpAlone } from '../testing.js';
import { type WireConditions, watchWire } from './wire.js';

/** The real hub, watched by the command. */

const portico = new PorticoFolder({
  PORTICO_MANAGEMENT__BIND: '127.0.0.1:0',
  PORTICO_MANAGEMENT__DEFAULT_APPLICATION__SECRET: 'open sesame',
});

/** What the command is told where nothing is given. */
const GIVEN = {
  file: undefined,
  url: undefined,
  app: undefined,
  secret: undefined,
  ca: undefined,
  json: false,
};

async function watching(name: string, conditions: WireConditions & { readonly json?: boolean }) {
  const env = { PORTICO_NODE__DATA_DIR: join(portico.directory, name) };
  const hub = portico.start(tcpAlone(0), env);
  const lineWith = async (text: string) => {
    for (let line = await hub.nextLine(); ; line = await hub.nextLine()) if (line.includes(text)) return line;
  };
  const port = Number((await lineWith('Listening on tcp:tcp')).split(':').at(-1));
  await lineWith('is running');
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = { text: '', write: (text: string) => (stderr.text += text) };
  const stop = new AbortController();
  const code = watchWire({ ...GIVEN, env, stdout, stderr, signal: stop.signal, ...conditions });
  await lineWith('watch_wire');
  let out = '';
  const printed = async (text: string) => {
    while (!out.includes(text)) out += (await once(stdout, 'data'))[0];
    return out;
  };
  return { hub, port, printed, stop, code, stderr };
}

test('frames of a client are printed decoded, those before its name was known too, without its password', async () => {
  const { port, printed, stop, code, hub } = await watching('client', { client: 'abcd' });
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(Buffer.from('1100133c000461626364000461626364000461626364', 'hex'));
  });
  const out = await printed('CONNACK');
  assert.match(out, /^\S+ \S+ received from 127\.0\.0\.1:\d+ \(tcp:tcp:default\)\nCONNECT, 22 bytes\n/);
  assert.match(out, /^ {2}6 +61626364 +clientId +"abcd"$/m);
  assert.match(out, /^ {2}18 +\*{8} +password +\*\*\*$/m);
  assert.match(out, /sent to 127\.0\.0\.1:\d+ \(tcp:tcp:default, client abcd\)\nCONNACK/);
  stop.abort();
  assert.equal(await code, 0);
  socket.destroy();
  hub.child.kill('SIGTERM');
  await hub.ended;
});

test('what is no frame is printed as JSON, with the fault, and why the connection ended', async () => {
  const { port, printed, code, hub, stderr } = await watching('fault', { gateway: 'tcp', json: true });
  const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from('00ff', 'hex')));
  const lines = (await printed('"close"')).trim().split('\n');
  const [frame, end] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    [frame.direction, frame.frame.hex, frame.frame.faults],
    ['receive', '00ff', [{ offset: 0, reason: 'frame type 0 is reserved' }]],
  );
  assert.deepEqual([end.direction, end.reason], ['close', 'unknown_type']);
  hub.child.kill('SIGTERM');
  await hub.ended;
  assert.equal(await code, 3);
  assert.match(stderr.text, /the hub has ended the stream/);
});

test('a gateway that there is not is told', async () => {
  const { hub, stop, code } = await watching('there', {});
  stop.abort();
  await code;
  const env = { PORTICO_NODE__DATA_DIR: join(portico.directory, 'there') };
  const stderr = { text: '', write: (text: string) => (stderr.text += text) };
  assert.equal(await watchWire({ ...GIVEN, env, stdout: new PassThrough(), stderr, gateway: 'x' }), 1);
  assert.match(stderr.text, /there is no gateway x/);
  hub.child.kill('SIGTERM');
  await hub.ended;
});
