import assert from 'node:assert/strict';
import {
  constants,
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
} from 'node:crypto';
import { test } from 'node:test';
import { Command, type Edition, Encryption, encodeData, ResponseFlag } from '@portico/codec-gbt32960';
import { TestHub, temporaryFile } from '@portico/core/testing';
import { SM2_PRIVATE_KEY } from './keys/testing.js';
import { type Application, application, loggedIn, platform, type Terminal, TIME, VIN } from './testing.js';

const KEY = '000102030405060708090a0b0c0d0e0f';
const OTHER_KEY = 'f0e0d0c0b0a090807060504030201000';
const REPORT = {
  Time: TIME,
  Infos: [{ Type: 'Engine', Status: 1, CrankshaftSpeed: 2000, FuelConsumption: 1 }],
};
const PLAIN = Buffer.from(encodeData({ command: Command.RealTimeReport, data: REPORT }));

function encrypted(cipher: string, key = KEY, plain = PLAIN): string {
  const cipherer = createCipheriv(cipher, Buffer.from(key, 'hex'), null);
  return Buffer.concat([cipherer.update(plain), cipherer.final()]).toString('base64');
}

/** A report as it is published, when it came with these encrypted data. */
async function published(terminal: Terminal, app: Application, encryption: number, Data: string, vin = VIN) {
  app.look();
  terminal.peer.take();
  await terminal.sends({ command: Command.RealTimeReport, encryption, vin, data: { Data } });
  const [[, json] = []] = app.look();
  return json?.Data;
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

function rsaEncrypted(key: KeyObject, oaepHash: string, plain: Buffer): Buffer {
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plain);
}

test('data that are encrypted by RSA are decrypted block by block', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const pem = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const decryption = { rsa_key_file: temporaryFile(pem.privateKey), rsa_oaep_hash: 'sha1' };
  const terminal = await loggedIn(hub, { decryption });
  const blocks = [PLAIN.subarray(0, 5), PLAIN.subarray(5)].map((block) =>
    rsaEncrypted(createPublicKey(pem.publicKey), 'sha1', block),
  );
  const Data = Buffer.concat(blocks).toString('base64');
  assert.deepEqual(await published(terminal, app, Encryption.Rsa, Data), REPORT);
  assert.deepEqual(terminal.look(), ['2=1']);
  for (const wrong of [blocks[0]?.subarray(1), Buffer.alloc(128), Buffer.alloc(9 * 128), Buffer.alloc(0)]) {
    await published(terminal, app, Encryption.Rsa, (wrong as Buffer).toString('base64'));
    assert.deepEqual(terminal.peer.take()[0]?.response, ResponseFlag.Error);
  }
});

test('data that are encrypted by SM2 are decrypted', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const terminal = await loggedIn(hub, { decryption: { sm2_key_file: temporaryFile(SM2_PRIVATE_KEY) } });
  // The report, encrypted by OpenSSL.
  const data = Buffer.from(
    '0443350c958af79d802dc07b420b2a52d5e41bc333a1037d16155b0b1bc78bfab8519cc181cbe10ba82c486f14ddf20cc1de266376605b52eadd8672fb8b5d9f97eb09d405781d3eb14c81dba8119badb772dc8b4178b8bf2180b6bd1f6734cd06f0a3c308041f2b743209c947',
    'hex',
  );
  assert.deepEqual(await published(terminal, app, Encryption.Sm2, data.toString('base64')), REPORT);
});

test('a vehicle has its own key, or that of its platform, before that of all', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const [own, fleets, common] = [KEY, OTHER_KEY, '00'.repeat(16)];
  const fleet = await platform(hub, {
    decryption: { aes128_secret: common },
    vehicle_keys_file: temporaryFile(
      `# of a fleet\n\nPLATFORM-1 aes128 ${fleets}\r\n${VIN}\taes128  ${own}\n`,
    ),
  });
  const other = 'LGHC4V1D3HE202652';
  const send = (key: string, vin: string) =>
    published(fleet, app, Encryption.Aes128, encrypted('aes-128-ecb', key), vin);
  assert.deepEqual(await send(own, VIN), REPORT);
  assert.deepEqual(await send(fleets, other), REPORT);
  const single = await loggedIn(new TestHub(), { decryption: { aes128_secret: common } });
  await single.sends({
    command: Command.RealTimeReport,
    encryption: Encryption.Aes128,
    data: { Data: encrypted('aes-128-ecb', common) },
  });
  assert.deepEqual(single.look(), ['2=1']);
});

test('a key that a vehicle tells of decrypts from and until when it says so', async () => {
  const hub = new TestHub();
  const app = application(hub);
  const terminal = await loggedIn(hub, { decryption: { sm4_secret: OTHER_KEY } });
  app.look();
  const exchange = { KeyType: Encryption.Sm4, KeyLength: 16, ActiveTime: { ...TIME, Minute: 1 } };
  const ExpireTime = { ...TIME, Minute: 2 };
  const data = { ...exchange, Key: KEY, ExpireTime };
  await terminal.sends({ command: Command.KeyExchange, edition: 2025, data });
  const [[, json] = []] = app.look();
  assert.deepEqual(json?.Data, { ...exchange, ExpireTime });
  const [before, exchanged] = [OTHER_KEY, KEY].map((key) => encrypted('sm4-ecb', key));
  assert.deepEqual(await published(terminal, app, Encryption.Sm4, before as string), REPORT);
  hub.clock.advance(60_000);
  assert.deepEqual(await published(terminal, app, Encryption.Sm4, exchanged as string), REPORT);
  hub.clock.advance(60_000);
  assert.deepEqual(await published(terminal, app, Encryption.Sm4, before as string), REPORT);
});

test('a key exchange that tells of no key for data is passed on', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const times = { ActiveTime: TIME, ExpireTime: TIME };
  for (const [KeyType, Key] of [
    [Encryption.Rsa, 'AB'],
    [Encryption.Aes128, 'AB'],
  ]) {
    const data = { KeyType, KeyLength: 1, Key, ...times };
    await terminal.sends({ command: Command.KeyExchange, edition: 2025, data });
    const [[, json] = []] = app.look();
    assert.deepEqual(json?.Data, data);
  }
});

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
