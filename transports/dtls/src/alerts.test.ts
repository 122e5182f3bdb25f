import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ALERTS, type AlertName, decodeAlert, encodeAlert } from './alerts.js';
import type {
  ClientAuthentication,
  DtlsClientOptions,
  DtlsServerOptions,
  RefusalReason,
  VerifyPeer,
} from './contract.js';
import { type ClientHello, clientHello } from './handshake/messages.js';
import { CONTENT, plainRecord, RECORD_HEADER } from './record/record.js';
import { p256Key, selfSigned } from './testing/certificate.js';
import { PLAIN_HELLO, sayHello } from './testing/raw-hello.js';
import { changing } from './testing/tamper.js';
import { IDENTITY, KEY, trustAll, type Weather, World } from './testing/world.js';
import { encodeField } from './wire/fields.js';

const NAMES = Object.keys(ALERTS) as AlertName[];
const PEER = { address: '10.9.9.9', port: 9 };

test('alerts as they are written', () => {
  for (const name of NAMES) {
    assert.deepEqual(decodeAlert(encodeAlert('fatal', name)), { fatal: true, name });
    assert.deepEqual(decodeAlert(encodeAlert('warning', name)), { fatal: false, name });
  }
  assert.equal(decodeAlert(Buffer.from([2])), undefined);
  assert.equal(decodeAlert(Buffer.from([2, 40, 0])), undefined);
  assert.deepEqual(decodeAlert(Buffer.from([2, 255])), { fatal: true, name: undefined });
});

for (const name of NAMES) {
  test(`a handshake ends when the peer says ${name}`, () => {
    const alert = plainRecord(CONTENT.alert, 9, encodeAlert('fatal', name));
    const tamper: Weather['tamper'] = (datagram) => (datagram[RECORD_HEADER] === 2 ? [alert] : [datagram]);
    const world = new World({}, { tamper });
    const one = world.connect();
    world.until(one, () => one.refusals.length > 0);
    assert.deepEqual(
      one.refusals.map(({ reason, alert }) => [reason, alert]),
      [['peer_alert', name]],
    );
  });
}

test('a handshake goes on after a warning, an alert of no level and half an alert', () => {
  for (const alert of [encodeAlert('warning', 'no_renegotiation'), Buffer.from([2]), Buffer.from([7, 40])]) {
    const record = plainRecord(CONTENT.alert, 9, alert);
    const tamper: Weather['tamper'] = (datagram) => [record, datagram];
    new World({}, { tamper }).establish();
  }
});

/** What one side gets wrong, and how it ends; `peer` is who is told. */
interface Case {
  readonly what: string;
  readonly alert: AlertName;
  readonly reason: RefusalReason;
  readonly server?: Partial<DtlsServerOptions>;
  readonly client?: Partial<DtlsClientOptions>;
  readonly weather?: Weather;
}

const certificate = selfSigned('somebody');
const ecdsaServer = { credentials: { certificate } };
const anonymous: Partial<DtlsClientOptions> = { credentials: { kind: 'none' } };
const withCertificate: Partial<DtlsClientOptions> = { credentials: { kind: 'certificate', ...certificate } };
const noCertificate = { ...certificate, chain: [Buffer.from('no certificate')] };
const { privateKey: otherCurve, publicKey: otherPublic } = generateKeyPairSync('ec', {
  namedCurve: 'secp384r1',
});

function asking(request: ClientAuthentication['request'], verify = trustAll): Partial<DtlsServerOptions> {
  return { ...ecdsaServer, clients: { request, types: ['x509'], verify } };
}

function rejecting(alert: AlertName): VerifyPeer {
  return () => ({ alert, reason: 'for a reason' });
}

/** Changes the byte of a message's body, counted from its end when negative. */
function changeByte(towards: 'client' | 'server', sequence: number, at: number, value: number): Weather {
  return changing(towards, sequence, (message) => {
    message[at < 0 ? message.length + at : 12 + at] = value;
    return message;
  });
}

function replaceOnce(message: Buffer, from: string, to: string): Buffer {
  const hex = message.toString('hex');
  assert.ok(hex.includes(from));
  return Buffer.from(hex.replace(from, to), 'hex');
}

/** Where the server is the one that says no. */
const SAID_BY_SERVER: readonly Case[] = [
  {
    what: 'no cipher suite in common',
    alert: 'handshake_failure',
    reason: 'nothing_in_common',
    server: ecdsaServer,
  },
  {
    what: 'a client without the certificate that is required',
    alert: 'handshake_failure',
    reason: 'certificate_missing',
    server: asking('required'),
    client: anonymous,
  },
  {
    what: 'no certificate type in common',
    alert: 'unsupported_certificate',
    reason: 'nothing_in_common',
    server: asking('required'),
    client: { credentials: { kind: 'rawPublicKey', privateKey: p256Key() } },
  },
  {
    what: 'a certificate that is none',
    alert: 'bad_certificate',
    reason: 'certificate_unusable',
    server: asking('optional'),
    client: { credentials: { kind: 'certificate', ...noCertificate } },
  },
  {
    what: 'a certificate on another curve',
    alert: 'unsupported_certificate',
    reason: 'certificate_unusable',
    server: asking('optional'),
    client: {
      credentials: {
        kind: 'certificate',
        privateKey: p256Key(),
        chain: selfSigned('p384', { privateKey: otherCurve, publicKey: otherPublic }).chain,
      },
    },
  },
  {
    what: 'a certificate of somebody else',
    alert: 'decrypt_error',
    reason: 'proof_failed',
    server: asking('optional'),
    client: { credentials: { kind: 'certificate', chain: certificate.chain, privateKey: p256Key() } },
  },
  {
    what: 'a verdict that throws',
    alert: 'internal_error',
    reason: 'internal',
    server: asking('optional', () => {
      throw new Error('the secret is 1234');
    }),
    client: withCertificate,
  },
  {
    what: 'a key that cannot be looked up',
    alert: 'internal_error',
    reason: 'internal',
    server: {
      credentials: {
        psk: {
          find() {
            throw new Error('the secret is 1234');
          },
        },
      },
    },
  },
  {
    what: 'a PSK identity that is not there',
    alert: 'decrypt_error',
    reason: 'unknown_psk_identity',
    client: { credentials: { kind: 'psk', identity: 'nobody', key: KEY } },
  },
  {
    what: 'another key for the PSK identity',
    alert: 'decrypt_error',
    reason: 'wrong_psk',
    client: { credentials: { kind: 'psk', identity: IDENTITY, key: Buffer.from('no') } },
  },
  {
    what: 'a PSK identity that is no UTF-8',
    alert: 'decrypt_error',
    reason: 'unknown_psk_identity',
    weather: changeByte('server', 2, 2, 0xff),
  },
  {
    what: 'a hello that was made to lack extended master secret on its way',
    alert: 'decrypt_error',
    reason: 'proof_failed',
    weather: changing('server', 1, (message) => replaceOnce(message, '00170000', '77770000')),
  },
  {
    what: 'a signature of another algorithm',
    alert: 'illegal_parameter',
    reason: 'protocol',
    server: asking('required'),
    client: withCertificate,
    weather: changeByte('server', 4, 0, 8),
  },
  {
    what: 'a key exchange that is cut off',
    alert: 'decode_error',
    reason: 'protocol',
    weather: changeByte('server', 2, 1, 200),
  },
  {
    what: 'a key exchange with a point that is none',
    alert: 'illegal_parameter',
    reason: 'protocol',
    server: ecdsaServer,
    client: anonymous,
    weather: changeByte('server', 2, -1, 0xff),
  },
];

const SAID_BY_CLIENT: readonly Case[] = [
  {
    what: 'another version',
    alert: 'protocol_version',
    reason: 'nothing_in_common',
    weather: changeByte('client', 1, 1, 0xff),
  },
  {
    what: 'a cipher suite that was not offered',
    alert: 'illegal_parameter',
    reason: 'protocol',
    weather: changeByte('client', 1, 2 + 32 + 1 + 1, 0x77),
  },
  {
    what: 'compression',
    alert: 'illegal_parameter',
    reason: 'protocol',
    weather: changeByte('client', 1, 2 + 32 + 1 + 2, 1),
  },
  {
    what: 'an extension that was not asked for',
    alert: 'unsupported_extension',
    reason: 'protocol',
    weather: changeByte('client', 1, 2 + 32 + 1 + 2 + 1 + 2 + 1, 99),
  },
  {
    what: 'an extension that is known here and was not asked for',
    alert: 'unsupported_extension',
    reason: 'protocol',
    weather: changing('client', 1, (message) => replaceOnce(message, '00170000', '00000000')),
  },
  {
    what: 'a group that was not offered',
    alert: 'illegal_parameter',
    reason: 'protocol',
    weather: changeByte('client', 2, 4, 24),
  },
  {
    what: 'a public key that is none',
    alert: 'illegal_parameter',
    reason: 'protocol',
    weather: changeByte('client', 2, 6, 7),
  },
  {
    what: 'a server without any certificate',
    alert: 'decode_error',
    reason: 'certificate_missing',
    server: { credentials: { certificate: { ...certificate, chain: [] } } },
    client: anonymous,
  },
  {
    what: 'a signature that is not of the certificate',
    alert: 'decrypt_error',
    reason: 'proof_failed',
    server: { credentials: { certificate: { ...certificate, privateKey: p256Key() } } },
    client: anonymous,
  },
  {
    what: 'a certificate that is none',
    alert: 'bad_certificate',
    reason: 'certificate_unusable',
    server: { credentials: { certificate: noCertificate } },
    client: anonymous,
  },
  ...(
    [
      'bad_certificate',
      'certificate_revoked',
      'certificate_expired',
      'certificate_unknown',
      'unknown_ca',
      'access_denied',
      'unsupported_certificate',
    ] as const
  ).map(
    (alert): Case => ({
      what: `a certificate that is refused with ${alert}`,
      alert,
      reason: 'certificate_rejected',
      server: ecdsaServer,
      client: { ...anonymous, verifyServer: rejecting(alert) },
    }),
  ),
];

function play({ server, client, weather, alert, reason }: Case, by: 'server' | 'client'): void {
  const world = new World(server, weather);
  const one = world.connect(client);
  world.until(one, () => one.refusals.length > 0 || one.recorder !== undefined);
  world.settle();
  const [own, other] = by === 'server' ? [world.refusals, one.refusals] : [one.refusals, world.refusals];
  assert.deepEqual(
    own.map((refusal) => [refusal.reason, refusal.alert]),
    [[reason, alert]],
  );
  assert.deepEqual(
    other.map((refusal) => [refusal.reason, refusal.alert]),
    [['peer_alert', alert]],
  );
  assert.doesNotMatch(JSON.stringify(own), /secret/);
  assert.equal(world.server.halfOpenCount, 0);
}

for (const row of SAID_BY_SERVER) {
  test(`the server says ${row.alert}: ${row.what}`, () => play(row, 'server'));
}
for (const row of SAID_BY_CLIENT) {
  test(`the client says ${row.alert}: ${row.what}`, () => play(row, 'client'));
}

/** Hellos that our own client does not say. */
const HELLOS: readonly [string, Partial<ClientHello>, AlertName][] = [
  ['version 1.0', { version: 0xfeff }, 'protocol_version'],
  ['a version that is none', { version: 0x0303 }, 'protocol_version'],
  ['no null compression', { compressionMethods: Buffer.from([1]) }, 'illegal_parameter'],
  [
    'groups without that of the certificate',
    { cipherSuites: [0xc0ae], extensions: { supportedGroups: [29] } },
    'handshake_failure',
  ],
  [
    'point formats without the one there is',
    { cipherSuites: [0xd003], extensions: { ecPointFormats: Buffer.from([1]) } },
    'handshake_failure',
  ],
  ['suites that are unknown', { cipherSuites: [0xc0a9, 0x1301] }, 'handshake_failure'],
];

for (const [what, change, alert] of HELLOS) {
  test(`a ClientHello with ${what} gets ${alert}`, () => {
    const world = new World({
      credentials: { certificate, psk: { find: () => KEY } },
    });
    const [answer] = sayHello(world, { ...PLAIN_HELLO, ...change }, PEER);
    assert.deepEqual(answer?.subarray(RECORD_HEADER), encodeAlert('fatal', alert));
    assert.equal(world.refusals[0]?.alert, alert);
  });
}

test('an alert that is unknown here ends a handshake too', () => {
  const alert = plainRecord(CONTENT.alert, 9, Buffer.from([2, 250]));
  const world = new World({}, { tamper: (_datagram, to) => (to === 'client' ? [alert] : []) });
  const one = world.connect();
  one.client.receive(Buffer.from(alert));
  assert.deepEqual(
    one.refusals.map(({ reason, alert }) => [reason, alert]),
    [['peer_alert', undefined]],
  );
});

test('one wrong key and one that is not there look alike from outside', () => {
  const talk = (identity: string, key: Buffer) => {
    const world = new World();
    const one = world.connect({ credentials: { kind: 'psk', identity, key } });
    world.until(one, () => one.refusals.length > 0);
    return world.sent.toClient.map((datagram) => [datagram.length, datagram[0], datagram.at(-1)]).slice(2);
  };
  assert.deepEqual(talk(IDENTITY, Buffer.from('no')), talk(IDENTITY.replace('urn', 'nru'), KEY));
});

test('no alert answers a ClientHello without a cookie', () => {
  const world = new World();
  const hello = encodeField(clientHello, PLAIN_HELLO);
  world.sendToServer(plainRecord(CONTENT.handshake, 0, hello.subarray(0, 20)), PEER);
  world.settle();
  assert.deepEqual(world.sent.toClient, []);
});
