import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { CertificateCredential } from '../contract.js';

/** A new key on the curve P-256. */
export function p256Key(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

/** A certificate of its own making: X.509 (RFC 5280 §4.1) with as little in it as there may be. */
export function selfSigned(
  commonName: string,
  keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
): CertificateCredential {
  const ecdsaWithSha256 = der(0x30, oid('2a8648ce3d040302'));
  const name = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(commonName)))));
  const validity = der(0x30, time('260101000000Z'), time('491231235959Z'));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
  const tbs = der(0x30, version, serial, ecdsaWithSha256, name, validity, name, spki);
  const signature = sign('sha256', tbs, keys.privateKey);
  const certificate = der(0x30, tbs, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return { chain: [certificate], privateKey: keys.privateKey };
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function time(text: string): Buffer {
  return der(0x17, Buffer.from(text));
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}
