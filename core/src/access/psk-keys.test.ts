import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PorticoError } from '../runtime/errors.js';
import { PskKeys } from './psk-keys.js';

const folder = mkdtempSync(join(tmpdir(), 'portico-psk-'));
const file = join(folder, 'psk.txt');
after(() => rmSync(folder, { recursive: true }));

function keysIn(contents: string | Buffer): Promise<PskKeys> {
  writeFileSync(file, contents);
  return PskKeys.read(file);
}

function isFault(message: string) {
  return (error: unknown) => {
    assert.ok(error instanceof PorticoError);
    assert.equal(error.code, 'PORTICO_ERR_PSK_FILE');
    assert.equal(error.message, `the pre-shared keys cannot be read: ${message}`);
    return true;
  };
}

test('each line is an identity and the bytes of its key', async () => {
  const keys = await keysIn('client1:1234\nclient2:abcd\n');
  assert.deepEqual(keys.find('client1'), Buffer.from('1234'));
  assert.deepEqual(keys.find('client2'), Buffer.from('abcd'));
  assert.equal(keys.find('client3'), undefined);
  assert.equal(keys.find(''), undefined);
  assert.equal(keys.size, 2);
});

test('the last colon separates, spaces count, line ends of Windows do not', async () => {
  const keys = await keysIn('\uFEFFurn:imei:351:key\r\n\r\n# comment: none\r\n with space : k \r\n');
  assert.deepEqual(keys.find('urn:imei:351'), Buffer.from('key'));
  assert.deepEqual(keys.find(' with space '), Buffer.from(' k '));
  assert.equal(keys.size, 2);
});

test('identities are UTF-8, keys any bytes', async () => {
  const keys = await keysIn(Buffer.concat([Buffer.from('Gerät:'), Buffer.of(0xff, 0, 0x80)]));
  assert.deepEqual(keys.find('Gerät'), Buffer.of(0xff, 0, 0x80));
});

test('a hundred thousand identities are found', async () => {
  const keys = await keysIn(Array.from({ length: 100_000 }, (_, i) => `device-${i}:key-${i}`).join('\n'));
  assert.equal(keys.size, 100_000);
  assert.equal(keys.find('device-99999')?.toString(), 'key-99999');
});

test('what is wrong is said with file and line, and without a key', async () => {
  const wrong: [string | Buffer, string][] = [
    ['a:1\nsecret', `${file}:2: there is no ":" between identity and key`],
    [':secret', `${file}:1: the identity is missing`],
    ['a:', `${file}:1: the key is missing`],
    ['\na:1\na:secret', `${file}:3: the identity "a" stands here a second time`],
    [`${'i'.repeat(129)}:secret`, `${file}:1: the identity is longer than 128 bytes`],
    [`a:${'k'.repeat(257)}`, `${file}:1: the key is longer than 256 bytes`],
    [Buffer.from('\xff:secret', 'latin1'), `${file}:1: the identity is no UTF-8 text`],
  ];
  for (const [contents, message] of wrong) await assert.rejects(keysIn(contents), isFault(message));
  await assert.rejects(
    PskKeys.read('/nowhere/psk.txt'),
    /\/nowhere\/psk\.txt \(access\.psk_file\): no such file$/,
  );
});

test('a file with the longest identity and key is good', async () => {
  const keys = await keysIn(`${'i'.repeat(128)}:${'k'.repeat(256)}`);
  assert.equal(keys.find('i'.repeat(128))?.length, 256);
});

test('reloading takes the new keys, or leaves the old ones', async () => {
  const keys = await keysIn('a:1\nb:2');
  writeFileSync(file, 'b:3\nc:4');
  await keys.reload();
  assert.deepEqual(
    ['a', 'b', 'c'].map((identity) => keys.find(identity)?.toString()),
    [undefined, '3', '4'],
  );
  writeFileSync(file, 'c:5\nbroken');
  await assert.rejects(keys.reload(), isFault(`${file}:2: there is no ":" between identity and key`));
  assert.equal(keys.find('c')?.toString(), '4');
});
