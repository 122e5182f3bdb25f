import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { Command, encodeData, SignatureType } from '@portico/codec-gbt32960';
import { TestHub, temporaryFile } from '@portico/core/testing';
import { SM2_PUBLIC_KEY } from './keys/testing.js';
import { application, loggedIn, TIME, VIN } from './testing.js';

const command = Command.RealTimeReport;
const edition = 2025;
const ENGINE = { Type: 'Engine', CrankshaftSpeed: 2000 };
const SIGNED = Buffer.from(encodeData({ edition, command, data: { Time: TIME, Infos: [ENGINE] } }));

type Values = readonly [r: Buffer, s: Buffer];

const RSA = generateKeyPairSync('rsa', { modulusLength: 1024 });
const P256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const NONE = Buffer.alloc(0);

function spki(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}

function eccSigned(message: Buffer): Values {
  const both = sign('sha256', message, { key: P256.privateKey, dsaEncoding: 'ieee-p1363' });
  return [both.subarray(0, 32), both.subarray(32)];
}

/** Of the report, made with OpenSSL: `openssl dgst -sm3 -sign … -sigopt distid:1234567812345678`. */
const SM2_SIGNED: Values = [
  Buffer.from('00c805d075675e5fb76504c0985f1354dbb6cb47b877c6f08e2689aff6aefb67bd', 'hex'),
  Buffer.from('17f0d4c968103f40eeced97892cf3aeb691f483f36d80f4c1da944d0be9192bc', 'hex'),
];

const ALGORITHMS: readonly (readonly [string, number, string, Values])[] = [
  ['SM2', SignatureType.Sm2, SM2_PUBLIC_KEY, SM2_SIGNED],
  ['RSA', SignatureType.Rsa, spki(RSA.publicKey), [sign('sha256', SIGNED, RSA.privateKey), NONE]],
  ['ECC', SignatureType.Ecc, spki(P256.publicKey), eccSigned(SIGNED)],
];

function signature(type: number, [r, s]: Values) {
  const [RValue, SValue] = [r, s].map((value) => value.toString('hex').toUpperCase());
  return {
    Type: 'Signature',
    SignatureType: type,
    RLength: r.length,
    RValue,
    SLength: s.length,
    SValue,
  };
}

function keys(publicKey: string): Record<string, unknown> {
  return { vehicle_keys_file: temporaryFile(`${VIN} public ${publicKey}\n`) };
}

for (const [name, type, publicKey, values] of ALGORITHMS) {
  test(`a report that is signed by ${name} is verified`, async () => {
    const hub = new TestHub();
    const terminal = await loggedIn(hub, keys(publicKey));
    const app = application(hub);
    const signed = signature(type, values);
    await terminal.sends({ command, edition, data: { Time: TIME, Infos: [ENGINE, signed] } });
    const forged = { ...ENGINE, CrankshaftSpeed: 2001 };
    await terminal.sends({ command, edition, data: { Time: TIME, Infos: [forged, signed] } });
    const other = { ...signed, SignatureType: (type % 3) + 1 };
    await terminal.sends({ command, edition, data: { Time: TIME, Infos: [ENGINE, other] } });
    const published = app.look().map(([, json]) => json);
    assert.deepEqual(
      published.map(({ Signed }) => Signed),
      [true, false, false],
    );
    assert.deepEqual(published[0]?.Data, { Time: TIME, Infos: [ENGINE, signed] });
    assert.equal(published[0]?.Errors, undefined);
    assert.deepEqual(
      published.slice(1).map(({ Errors }) => (Errors as { Code: string }[]).map(({ Code }) => Code)),
      [['wrong_signature'], ['wrong_signature']],
    );
    assert.deepEqual(terminal.look(), ['2=1', '2=5', '2=5']);
  });
}

test('what is not signed rightly is dropped where that is wanted, whatever its edition', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, { ...keys(spki(P256.publicKey)), bad_signature: 'drop' });
  const app = application(hub);
  const Infos = [ENGINE, signature(SignatureType.Ecc, eccSigned(SIGNED))];
  await terminal.sends({ command, edition, data: { Time: TIME, Infos: [ENGINE] } });
  await terminal.sends({ command, data: { Time: TIME, Infos: [] } });
  await terminal.sends({ command, edition, encryption: 3, data: { Data: 'AAAA' } });
  await terminal.sends({ command, edition, data: { Time: TIME, Infos } });
  assert.deepEqual(
    terminal.peer.take().map(({ response }) => response),
    [5, 2, 5, 1],
  );
  assert.deepEqual(
    app.look().map(([, { Signed }]) => Signed),
    [true],
  );
  assert.equal(hub.metrics.counter('gbt32960.messages.dropped.bad_signature', '').value, 3);
});

test('an activation is signed, too', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub, keys(spki(P256.publicKey)));
  const app = application(hub);
  const activation = { Time: TIME, ChipID: 'CHIP000000000001', PubKeyLen: 1, PubKey: 'AB', VIN };
  const message = Buffer.concat([
    Buffer.from('1a0101080000', 'hex'),
    Buffer.from('CHIP000000000001'),
    Buffer.of(0, 1, 0xab),
    Buffer.from(VIN),
  ]);
  const { Type: _, ...Signature } = signature(SignatureType.Ecc, eccSigned(message));
  const data = { ...activation, Signature };
  await terminal.sends({ command: Command.Activation, edition, data });
  await terminal.sends({ command: Command.Activation, edition, data: { ...data, PubKey: 'AC' } });
  assert.deepEqual(
    app.look().map(([, { Signed }]) => Signed),
    [true, false],
  );
});

test('nothing is said of signatures of a vehicle whose key is not known', async () => {
  const hub = new TestHub();
  const terminal = await loggedIn(hub);
  const app = application(hub);
  const signed = signature(SignatureType.Sm2, SM2_SIGNED);
  await terminal.sends({ command, edition, data: { Time: TIME, Infos: [signed] } });
  const [[, json] = []] = app.look();
  assert.deepEqual([json?.Signed, json?.Data], [undefined, { Time: TIME, Infos: [signed] }]);
  assert.deepEqual(terminal.look(), ['2=1']);
});
