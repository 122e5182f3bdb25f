import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { CertificateFolder } from '../../testing/certificates.js';
import { readCertificate } from './certificate.js';
import { type CertificateFault, PathValidator, type Trust } from './path-validator.js';
import { RevocationList } from './revocation-list.js';

const DAY = 24 * 3600 * 1000;
const CA = 'basicConstraints=critical,CA:true\n';

let folder: CertificateFolder;
before(() => {
  folder = new CertificateFolder();
  folder.authority('ca');
  folder.authority('stranger');
  folder.certificate('device', 'ca', '/CN=device');
  folder.certificate('foreign', 'stranger', '/CN=device');
  folder.intermediate('region', 'ca');
  folder.intermediate('plant', 'region');
  folder.certificate('deep', 'plant', '/CN=deep');
});
after(() => folder.remove());

function der(name: string): Buffer {
  return new X509Certificate(readFileSync(folder.file(`${name}.pem`))).raw;
}

function list(name: string): RevocationList {
  const pem = readFileSync(folder.file(`${name}.crl`), 'latin1');
  return new RevocationList(Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64'));
}

/** A validator of clients that trusts `ca`. */
function trusting(settings: Partial<Trust> = {}, ...names: readonly string[]): PathValidator {
  const authorities = ['ca', ...names].map((name) => readCertificate(der(name)));
  return new PathValidator({ authorities, revocationLists: [], purpose: 'clientAuth', ...settings });
}

function judge(
  validator: PathValidator,
  chain: readonly string[],
  now = Date.now(),
): CertificateFault | undefined {
  return validator.faultOf(chain.map(der), now);
}

function assertFault(fault: CertificateFault | undefined, alert: string, reason: RegExp): void {
  assert.equal(fault?.alert, alert, fault?.reason);
  assert.match(fault?.reason ?? '', reason);
}

test('a certificate of a trusted root is good, with the root in the chain and without', () => {
  assert.equal(judge(trusting(), ['device']), undefined);
  assert.equal(judge(trusting(), ['device', 'ca']), undefined);
});

test('a certificate of another root is not, whatever the root is called and whether it is sent', () => {
  assertFault(
    judge(trusting(), ['foreign']),
    'unknown_ca',
    /issuer of "CN=device", "CN=stranger", is not known/,
  );
  assertFault(judge(trusting(), ['foreign', 'stranger']), 'unknown_ca', /"CN=stranger" is signed by itself/);
  const impostor = new CertificateFolder();
  try {
    impostor.authority('ca');
    impostor.certificate('device', 'ca', '/CN=device');
    const bytes = new X509Certificate(readFileSync(impostor.file('device.pem'))).raw;
    assertFault(trusting().faultOf([bytes], Date.now()), 'unknown_ca', /"CN=ca", is not known/);
  } finally {
    impostor.remove();
  }
});

test('authorities below the root come in the chain, in order, or are known here', () => {
  assert.equal(judge(trusting(), ['deep', 'plant', 'region']), undefined);
  assert.equal(judge(trusting({}, 'region', 'plant'), ['deep']), undefined);
  assert.equal(judge(trusting({}, 'region'), ['deep', 'plant']), undefined);
  assertFault(judge(trusting(), ['deep', 'plant']), 'unknown_ca', /issuer of "CN=plant", "CN=region"/);
  assertFault(
    judge(trusting(), ['deep', 'region', 'plant']),
    'bad_certificate',
    /next in the chain, "CN=region"/,
  );
});

test('depth is how many authorities may stand in between', () => {
  assert.equal(judge(trusting({ depth: 2 }), ['deep', 'plant', 'region']), undefined);
  assert.equal(judge(trusting({ depth: 0 }), ['device']), undefined);
  assertFault(judge(trusting({ depth: 1 }), ['deep', 'plant', 'region']), 'unknown_ca', /2 authorities/);
});

test('a self-signed certificate that is itself trusted is good', () => {
  assert.equal(judge(trusting({}, 'stranger'), ['stranger']), undefined);
});

test('each certificate of the path is good for a time', () => {
  const now = Date.now();
  assertFault(judge(trusting(), ['device'], now - DAY), 'certificate_expired', /not valid before/);
  assertFault(judge(trusting(), ['device'], now + 3 * DAY), 'certificate_expired', /not valid since/);
});

test('an authority has to be one', () => {
  folder.certificate('sneaky', 'device', '/CN=sneaky');
  assertFault(
    judge(trusting(), ['sneaky', 'device']),
    'unknown_ca',
    /"CN=device" is no certificate authority/,
  );
});

test('an authority may say how many stand below it', () => {
  folder.issue('narrow', 'ca', '/CN=narrow', 'basicConstraints=critical,CA:true,pathlen:0\n');
  folder.certificate('near', 'narrow', '/CN=near');
  folder.issue('below', 'narrow', '/CN=below', CA);
  folder.certificate('far', 'below', '/CN=far');
  assert.equal(judge(trusting(), ['near', 'narrow']), undefined);
  assertFault(judge(trusting(), ['far', 'below', 'narrow']), 'unknown_ca', /allows 0 authorities .* 1$/);
});

test('key usage and extended key usage are heeded', () => {
  folder.issue('shop', 'ca', '/CN=shop', 'extendedKeyUsage=serverAuth\n');
  folder.issue(
    'phone',
    'ca',
    '/CN=phone',
    'extendedKeyUsage=clientAuth\nkeyUsage=critical,digitalSignature\n',
  );
  folder.issue('crypt', 'ca', '/CN=crypt', 'keyUsage=critical,keyAgreement\n');
  folder.issue('lame', 'ca', '/CN=lame', `${CA}keyUsage=critical,cRLSign\n`);
  folder.certificate('limping', 'lame', '/CN=limping');
  const fault = 'unsupported_certificate';
  assertFault(judge(trusting(), ['shop']), fault, /"CN=shop" is not for clientAuth/);
  assert.equal(judge(trusting({ purpose: 'serverAuth' }), ['shop']), undefined);
  assert.equal(judge(trusting(), ['phone']), undefined);
  assertFault(judge(trusting(), ['crypt']), fault, /not for signatures/);
  assertFault(judge(trusting(), ['limping', 'lame']), fault, /not for certificates/);
});

test('critical extensions that are not understood, and name constraints, are refused', () => {
  folder.issue('odd', 'ca', '/CN=odd', '1.2.3.4=critical,ASN1:UTF8String:odd\n');
  folder.issue('named', 'ca', '/CN=named', `${CA}nameConstraints=permitted;DNS:example.com\n`);
  folder.certificate('inside', 'named', '/CN=inside');
  assertFault(judge(trusting(), ['odd']), 'unsupported_certificate', /not supported: 1\.2\.3\.4/);
  assertFault(judge(trusting(), ['inside', 'named']), 'unsupported_certificate', /2\.5\.29\.30/);
});

test('signatures with SHA-1 are not taken', () => {
  folder.issue('old', 'ca', '/CN=old', '', '-sha1');
  assertFault(judge(trusting(), ['old']), 'unsupported_certificate', /signed with 1\.2\.840\.10045\.4\.1/);
});

test('a revoked certificate is refused, and so are all when a list is missing or too old', () => {
  folder.revocationList('none', 'ca', []);
  folder.revocationList('one', 'ca', ['device']);
  folder.revocationList('two', 'ca', ['device', 'region']);
  folder.revocationList('plants', 'plant', []);
  folder.revocationList('regions', 'region', []);
  const now = Date.now();
  const withList = (...names: readonly string[]) => trusting({ revocationLists: names.map(list) });
  assert.equal(judge(withList('none'), ['device'], now), undefined);
  assertFault(
    judge(withList('one'), ['device'], now),
    'certificate_revoked',
    /"CN=device" is revoked by "CN=ca"/,
  );
  assertFault(judge(withList('none'), ['device'], now + 1.5 * DAY), 'certificate_expired', /renewed by/);
  assertFault(
    judge(withList('none'), ['deep', 'plant', 'region'], now),
    'unknown_ca',
    /no revocation list of "CN=plant"/,
  );
  const chain = ['deep', 'plant', 'region'];
  assert.equal(judge(withList('none', 'plants', 'regions'), chain, now), undefined);
  assertFault(judge(withList('two', 'plants', 'regions'), chain, now), 'certificate_revoked', /"CN=region"/);
});

test('a revocation list counts when the authority has signed it, not somebody of its name', () => {
  const impostor = new CertificateFolder();
  try {
    impostor.authority('ca');
    impostor.revocationList('forged', 'ca', []);
    const pem = readFileSync(impostor.file('forged.crl'), 'latin1');
    const forged = new RevocationList(Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64'));
    const fault = judge(trusting({ revocationLists: [forged] }), ['device']);
    assertFault(fault, 'unknown_ca', /no revocation list of "CN=ca"/);
  } finally {
    impostor.remove();
  }
});

test('a chain that was tampered with, cut, or never was one is refused', () => {
  const validator = trusting();
  const good = der('device');
  assert.equal(validator.faultOf([], Date.now())?.alert, 'bad_certificate');
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ difference;
      assert.notEqual(validator.faultOf([bad], Date.now()), undefined);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.nat(good.length - 1), (length) => {
      assert.equal(validator.faultOf([good.subarray(0, length)], Date.now())?.alert, 'bad_certificate');
    }),
  );
});
