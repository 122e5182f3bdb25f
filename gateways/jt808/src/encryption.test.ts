import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeMessage } from '@portico/codec-jt808';
import { rsaDecrypt, rsaEncrypt, rsaPrivateKey, rsaPublicKey } from '@portico/core';
import { temporaryFile } from '@portico/core/testing';
import { jt808Config } from './config.js';
import { jt808Gateway } from './gateway.js';
import { location, PHONE, Site, type TestTerminal } from './testing.js';

/** Bodies that are encrypted by RSA, with a key of the hub and one of the terminal. */

function keyPem(modulusLength = 1024): string {
  return generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
}

const HUB_PEM = keyPem();
const HUB = rsaPublicKey(rsaPrivateKey(HUB_PEM));
const TERMINAL = rsaPrivateKey(keyPem());

/** A key as it stands in 0x0A00 and 0x8A00. */
function keyBody({ modulus, exponent }: typeof HUB) {
  return { e: exponent, n: modulus.toString('base64') };
}

function open(config: Record<string, unknown> = {}): Promise<Site> {
  return Site.open({ encryption: { rsa_key_file: temporaryFile(HUB_PEM) }, ...config });
}

/** A message of the terminal whose body is encrypted for the hub, in one frame. */
function encrypted(msg_id: number, msg_sn: number, body: unknown, key = HUB): Buffer {
  const encrypt = (plain: Buffer): Buffer => {
    const bytes = rsaEncrypt(key, 'sha1', plain);
    assert.ok(bytes);
    return bytes;
  };
  const header = { msg_id, phone: PHONE, msg_sn, encrypt: 1 };
  const [frame, ...others] = encodeMessage({ header, body }, { encrypt });
  assert.ok(frame && others.length === 0);
  return frame;
}

/** A command with an encrypted body, and the next message that the terminal gets. */
function commanded(site: Site, terminal: TestTerminal, body: unknown) {
  const command = { header: { msg_id: 0x8300, encrypt: 1 }, body };
  site.application.publish(`jt808/${PHONE}/dn`, JSON.stringify(command), 1);
  const [sent] = terminal.take();
  return (
    sent && {
      encrypt: sent.header.encrypt,
      data: Buffer.from((sent.body as { data: string }).data, 'base64'),
    }
  );
}

test('what a terminal encrypts for the hub is published in the clear, and its header says that it was encrypted', async () => {
  const site = await open();
  const terminal = site.terminal();
  await terminal.sendsBytes(encrypted(0x0102, 0, { code: 'abc' }));
  assert.deepEqual(terminal.look(), ['0x8001 {"seq":0,"id":258,"result":0}']);
  const report = location({ mileage: 1234, rssi: 31, '21': Buffer.alloc(60).toString('base64') });
  await terminal.sendsBytes(encrypted(0x0200, 1, report));
  const [heard] = site.heard();
  assert.deepEqual(heard?.message.body, report);
  assert.deepEqual([heard?.message.header.encrypt, heard?.message.header.len], [1, 256]);
  assert.equal(heard?.message.errors, undefined);
  assert.deepEqual(terminal.look(), ['0x8001 {"seq":1,"id":512,"result":0}']);
});

test('a message in parts is decrypted when all have come', async () => {
  const site = await open();
  const terminal = await site.authenticated();
  const data = Buffer.alloc(200, '沪').toString('base64');
  const cipher = rsaEncrypt(HUB, 'sha1', Buffer.concat([Buffer.of(240), Buffer.from(data, 'base64')]));
  const header = { msg_id: 0x0900, phone: PHONE, msg_sn: 1, encrypt: 1 };
  const body = { data: cipher?.toString('base64') };
  for (const frame of encodeMessage({ header, body }, { maxBodyLength: 100 }))
    await terminal.sendsBytes(frame);
  assert.deepEqual(site.bodies(), [{ type: 240, data }]);
  assert.deepEqual(terminal.look(), ['0x8001 {"seq":1,"id":2304,"result":0}']);
});

test('what the key of the hub does not open is passed on as it is, with the reason, and answered', async () => {
  const site = await open();
  const terminal = await site.authenticated();
  await terminal.sendsBytes(encrypted(0x0200, 1, location(), rsaPublicKey(TERMINAL)));
  const [heard] = site.heard();
  assert.deepEqual(Object.keys(heard?.message.body ?? {}), ['encrypted', 'data']);
  const reason = 'it cannot be decrypted by the key of the hub';
  assert.deepEqual(heard?.message.errors, [{ path: '', code: 'wrong_value', reason }]);
  assert.equal(site.count('bodies.faulty'), 1);
  assert.deepEqual(terminal.look(), ['0x8001 {"seq":1,"id":512,"result":0}']);
});

test('hub and terminal exchange keys: commands are encrypted for it then, and what it encrypts answers them', async () => {
  const site = await open();
  const terminal = await site.authenticated();
  await terminal.sends(0x0a00, keyBody(rsaPublicKey(TERMINAL)));
  assert.deepEqual(terminal.look(), [`0x8a00 ${JSON.stringify(keyBody(HUB))}`]);
  assert.deepEqual(site.bodies(), [keyBody(rsaPublicKey(TERMINAL))]);
  const text = '前方拥堵'.repeat(15);
  const sent = commanded(site, terminal, { flag: 1, text });
  assert.ok(sent);
  assert.deepEqual([sent.encrypt, sent.data.length], [1, 256]);
  const plain = rsaDecrypt(TERMINAL, 'sha1')(sent.data);
  assert.equal(plain?.length, 1 + 8 * 15);
  site.command(0x8104);
  assert.deepEqual(terminal.look(), []);
  await terminal.sendsBytes(encrypted(0x0001, 2, { seq: 2, id: 0x8300, result: 0 }));
  assert.deepEqual(terminal.look(), ['0x8104 {}']);
});

test('a body that applications have encrypted goes down as it is', async () => {
  const site = await open();
  const terminal = await site.authenticated();
  await terminal.sends(0x0a00, keyBody(rsaPublicKey(TERMINAL)));
  terminal.look();
  const sent = commanded(site, terminal, { data: 'c2VjcmV0' });
  assert.equal(sent?.data.toString(), 'secret');
});

test('what cannot be encrypted for a terminal is refused: too much, or a key that is none', async () => {
  const site = await open();
  const terminal = await site.authenticated();
  const sound = keyBody(rsaPublicKey(TERMINAL));
  for (const [key, text] of [
    [sound, 'x'.repeat(8 * 86)],
    [{ ...sound, n: Buffer.alloc(128).toString('base64') }, 'x'],
    [{ ...sound, e: 0 }, 'x'],
  ] as const) {
    await terminal.sends(0x0a00, key);
    terminal.look();
    site.heard();
    assert.equal(commanded(site, terminal, { flag: 1, text }), undefined);
    const [told] = site.heard();
    assert.equal(told?.message.error, 'bad_command');
    assert.match(
      String(told?.message.reason),
      /^body: \d+ bytes that the key of the terminal can encrypt are needed$/,
    );
  }
});

test('a reload takes another key, for terminals that are connected too, or leaves the old', async () => {
  const path = temporaryFile(keyPem());
  const site = await open({ encryption: { rsa_key_file: path } });
  const terminal = await site.authenticated();
  writeFileSync(path, HUB_PEM);
  await site.reload();
  await terminal.sendsBytes(encrypted(0x0200, 1, location()));
  writeFileSync(path, 'nothing');
  await assert.rejects(site.reload(), { code: 'PORTICO_ERR_VEHICLE_KEYS' });
  await terminal.sendsBytes(encrypted(0x0200, 2, location()));
  assert.deepEqual(site.bodies(), [location(), location()]);
});

test('a key that is not one of 1,024 bits is told with its file and key of the configuration', () => {
  const check = (rsa_key_file: string) =>
    jt808Gateway.checkFiles?.(jt808Config.parse({ encryption: { rsa_key_file } }));
  for (const pem of [keyPem(2048), 'nothing']) {
    const path = temporaryFile(pem);
    const reason = 'it is no private key of RSA with 1,024 bits in PEM without password';
    const message = `the keys of vehicles cannot be read: ${path} (gateways.jt808.encryption.rsa_key_file): ${reason}`;
    assert.throws(() => check(path), { code: 'PORTICO_ERR_VEHICLE_KEYS', message });
  }
  assert.throws(() => check('/nowhere/key'), /rsa_key_file\): no such file$/);
});
