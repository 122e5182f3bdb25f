import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { CertificateFolder } from '../../testing/certificates.js';
import { readCertificate } from './certificate.js';
import { RevocationList } from './revocation-list.js';

let folder: CertificateFolder;
let der: Buffer;
before(() => {
  folder = new CertificateFolder();
  folder.authority('ca');
  folder.certificate('device', 'ca', '/CN=device');
  folder.certificate('other', 'ca', '/CN=other');
  folder.revocationList('list', 'ca', ['device']);
  const pem = readFileSync(folder.file('list.crl'), 'latin1');
  der = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
});
after(() => folder.remove());

function certificate(name: string): X509Certificate {
  return new X509Certificate(readFileSync(folder.file(`${name}.pem`)));
}

test('a list says who has signed it, for when it holds, and whom it revokes', () => {
  const list = new RevocationList(der);
  assert.ok(list.isSignedBy(certificate('ca').publicKey));
  assert.ok(!list.isSignedBy(certificate('device').publicKey));
  assert.equal((list.nextUpdate ?? 0) - list.thisUpdate, 24 * 3600 * 1000);
  const revoked = (name: string) => list.hasRevoked(readCertificate(certificate(name).raw).serial);
  assert.deepEqual([revoked('device'), revoked('other')], [true, false]);
});

test('a list that was tampered with or cut is none, or signed by nobody', () => {
  const key = certificate('ca').publicKey;
  const isGood = (bytes: Buffer): boolean => {
    try {
      return new RevocationList(bytes).isSignedBy(key);
    } catch {
      return false;
    }
  };
  assert.ok(isGood(der));
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
      const bad = Buffer.from(der);
      bad[at] = (bad[at] ?? 0) ^ difference;
      return !isGood(bad);
    }),
  );
  fc.assert(fc.property(fc.nat(der.length - 1), (length) => !isGood(der.subarray(0, length))));
});
