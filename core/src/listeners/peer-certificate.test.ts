import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { certificateFromDer, certificateFromName } from './peer-certificate.js';
import { CertificateFolder } from './testing/certificates.js';

test('a certificate names its owner as RFC 4514 writes names', (t) => {
  const certificates = new CertificateFolder();
  t.after(() => certificates.remove());
  certificates.authority('ca');
  const subjects: [string, string | undefined, string][] = [
    ['/C=DE/O=Portico, Inc./CN=device-1', 'device-1', 'CN=device-1,O=Portico\\, Inc.,C=DE'],
    ['/CN=outer/OU=a\\+b/CN=inner', 'inner', 'CN=inner,OU=a\\+b,CN=outer'],
    ['/O=Gerätebau', undefined, 'O=Gerätebau'],
    ['/', undefined, ''],
  ];
  for (const [subject, commonName, expected] of subjects) {
    certificates.certificate('device', 'ca', subject);
    const der = new X509Certificate(readFileSync(certificates.file('device.pem'))).raw;
    assert.deepEqual(certificateFromDer(der), { commonName, subject: expected, issuer: 'CN=ca', der });
  }
});

test('bytes that are no certificate make none', () => {
  assert.equal(certificateFromDer(Buffer.from('3003020101', 'hex')), undefined);
  assert.equal(certificateFromDer(Buffer.alloc(0)), undefined);
});

test('special characters in a common name are escaped, RFC 4514 §2.4', () => {
  const escaped: [string, string][] = [
    ['device-1', 'CN=device-1'],
    ['a,b+c"d\\e<f>g;h', 'CN=a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h'],
    ['#1', 'CN=\\#1'],
    [' both ', 'CN=\\ both\\ '],
    ['a#b c', 'CN=a#b c'],
    ['nul\0', 'CN=nul\\00'],
  ];
  for (const [name, subject] of escaped) {
    assert.deepEqual(certificateFromName(name), { commonName: name, subject, issuer: '', der: undefined });
  }
});
