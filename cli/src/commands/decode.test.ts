import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { EXPLAINERS } from '../explainers.js';
import { GATEWAYS } from '../gateways.js';
import { decodeBytes } from './decode.js';

const folder = mkdtempSync(join(tmpdir(), 'portico-decode-'));
after(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly version?: string;
  readonly json?: boolean;
  readonly input?: Buffer;
}

async function decode(gateway: string, source: string, { version, json = false, input }: Given = {}) {
  let out = '';
  let err = '';
  const code = await decodeBytes({
    gateway,
    source,
    version,
    json,
    stdin: Readable.from(input === undefined ? [] : [input]),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  return { code, out, err };
}

test('a frame is a table of its fields', async () => {
  assert.deepEqual(await decode('tcp', '30 0002 6869'), {
    code: 0,
    out: [
      'DATATRANS, 5 bytes',
      '  BYTE  HEX   FIELD    VALUE',
      '  0     30    type     3 (datatrans)',
      '  1     0002  length   2 bytes',
      '  3     6869  payload  "hi"',
      '',
    ].join('\n'),
    err: '',
  });
});

test('what is wrong is told with its place, and makes the exit code 1', async () => {
  const { code, out } = await decode('mqtt', '8208000500036126620c', { version: '5' });
  assert.equal(code, 1);
  assert.match(out, /^ {2}byte \d+: /m);
});

test('bytes come from a file, as they are or in hexadecimal, or from standard input', async () => {
  const expected = await decode('mqtt', 'c000');
  assert.match(expected.out, /^PINGREQ, 2 bytes\n/);
  const binary = join(folder, 'frame.bin');
  const hex = join(folder, 'frame.hex');
  writeFileSync(binary, Buffer.from('c000', 'hex'));
  writeFileSync(hex, '0xc0, 0x00\n');
  assert.deepEqual(await decode('mqtt', binary), expected);
  assert.deepEqual(await decode('mqtt', hex), expected);
  assert.deepEqual(await decode('mqtt', '-', { input: Buffer.from('c0:00') }), expected);
});

test('JSON has a row for each frame, with what --version says of them', async () => {
  const { out } = await decode('mqtt', 'e00104', { version: '5', json: true });
  const [row] = JSON.parse(out);
  assert.equal(row.title, 'DISCONNECT');
  assert.deepEqual(row.fields.at(-1), {
    offset: 2,
    length: 1,
    hex: '04',
    name: 'reason code',
    value: '4 (Disconnect with Will Message)',
  });
});

test('in a stream of several frames, fields and faults are where the heading counts from', async () => {
  const { out } = await decode('mqtt', '30060003612f316801ffff');
  assert.match(out, /^no packet, 3 bytes at byte 8\n/m);
  assert.match(out, /^ {2}8 +01 +type +0 \(reserved\)$/m);
  assert.match(out, /^ {2}byte 8: packet type 0 is reserved$/m);
});

test('what is loaded for a gateway alone is what the gateway itself explains with', async () => {
  assert.deepEqual(
    [...EXPLAINERS.keys()],
    GATEWAYS.map(({ name }) => name),
  );
  for (const { name, explainer } of GATEWAYS) assert.equal(await EXPLAINERS.get(name)?.(), explainer, name);
});

test('every gateway explains any bytes', async () => {
  for (const { name } of GATEWAYS) {
    const { code, err } = await decode(name, 'ffff');
    assert.deepEqual({ code, err }, { code: 1, err: '' }, name);
  }
});

test('a gateway, a version or a file that is not there is named', async () => {
  assert.match((await decode('modbus', '00')).err, /no gateway "modbus": one of mqtt, mqttsn, /);
  assert.match((await decode('mqtt', '00', { version: '6' })).err, /^mqtt knows --version 3, 4, 5\n/);
  assert.match((await decode('mqtt', '101')).err, /^a digit is missing: each byte has two\n/);
  assert.match((await decode('mqtt', '')).err, /^there are no bytes\n/);
  assert.match((await decode('coap', '00', { version: '1' })).err, /^coap knows no --version\n/);
  for (const [gateway, version] of [
    ['modbus', undefined],
    ['mqtt', '6'],
  ] as const) {
    assert.equal((await decode(gateway, '00', { version })).code, 2);
  }
  assert.equal((await decode('mqtt', join(folder, 'none'))).code, 1);
  assert.match((await decode('mqtt', join(folder, 'none'))).err, /no such file/);
  assert.match((await decode('mqtt', '-')).err, /^there are no bytes\n/);
});

test('more than a mebibyte is refused', async () => {
  const { code, err } = await decode('mqtt', '-', { input: Buffer.alloc((1 << 20) + 1, 0xff) });
  assert.deepEqual(
    { code, err },
    { code: 1, err: 'there are more than 1048576 bytes\nTry portico decode --help\n' },
  );
});
