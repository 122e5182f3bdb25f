import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import { Command, type Edition, Encryption, encodeData, ResponseFlag } from '@portico/codec-gbt32960';
import { TestHub } from '@portico/core/testing';
import { application, loggedIn, TIME } from './testing.js';

const KEY = '000102030405060708090a0b0c0d0e0f';
const REPORT = {
  Time: TIME,
  Infos: [{ Type: 'Engine', Status: 1, CrankshaftSpeed: 2000, FuelConsumption: 1 }],
};

function encrypted(cipher: string): string {
  const plain = Buffer.from(encodeData({ command: Command.RealTimeReport, data: REPORT }));
  const cipherer = createCipheriv(cipher, Buffer.from(KEY, 'hex'), null);
  return Buffer.concat([cipherer.update(plain), cipherer.final()]).toString('base64');
}

const CIPHERS: readonly (readonly [number, string, string])[] = [
  [Encryption.Aes128, 'aes-128-ecb', 'aes128_secret'],
  [Encryption.Sm4, 'sm4-ecb', 'sm4_secret'],
];

for (const [encryption, cipher, key] of CIPHERS) {
  test(`data that are encrypted by ${cipher} are decrypted where there is a key`, async () => {
    const hub = new TestHub();
    const app = application(hub);
    const terminal = await loggedIn(hub, { decryption: { [key]: KEY } });
    app.look();
    const Data = encrypted(cipher);
    await terminal.sends({ command: Command.RealTimeReport, encryption, data: { Data } });
    const [[, json] = []] = app.look();
    assert.deepEqual([json?.Encrypt, json?.Data], [encryption, REPORT]);
    assert.deepEqual(terminal.look(), ['2=1']);
  });
}

test('data without a key are passed on as they are', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const Data = encrypted('aes-128-ecb');
  for (const encryption of [Encryption.Rsa, Encryption.Aes128, Encryption.Sm2]) {
    await terminal.sends({ command: Command.RealTimeReport, encryption, data: { Data } });
  }
  assert.deepEqual(
    app.look().map(([, json]) => [json.Encrypt, json.Data, json.Errors]),
    [2, 3, 4].map((encryption) => [encryption, { Encrypted: true, Data }, undefined]),
  );
  assert.deepEqual(terminal.look(), ['2=1', '2=1', '2=1']);
});

test('data that the key does not fit are told of, and answered as wrong', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, { decryption: { aes128_secret: KEY } });
  const app = application(hub);
  const data = { Data: 'AAAA' };
  const answers: number[] = [];
  for (const edition of [2016, 2025] as readonly Edition[]) {
    await terminal.sends({ command: Command.RealTimeReport, edition, encryption: Encryption.Aes128, data });
    answers.push(...terminal.peer.take().map(({ response }) => response));
  }
  assert.deepEqual(answers, [ResponseFlag.Error, ResponseFlag.BadDecryption]);
  const [[, json] = []] = app.look();
  assert.deepEqual(
    ((json?.Errors ?? []) as { Code: string }[]).map(({ Code }) => Code),
    ['decryption_failed'],
  );
});
