import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DtlsClientOptions, DtlsServerOptions } from './contract.js';
import { HANDSHAKE_TYPES, type HandshakeType } from './handshake/messages.js';
import { selfSigned } from './testing/certificate.js';
import { changing } from './testing/tamper.js';
import { trustAll, World } from './testing/world.js';

const WITH_CERTIFICATES: [Partial<DtlsServerOptions>, Partial<DtlsClientOptions>] = [
  {
    credentials: { certificate: selfSigned('server') },
    clients: { request: 'required', types: ['x509'], verify: trustAll },
    mtu: 4096,
  },
  { credentials: { kind: 'certificate', ...selfSigned('client') }, mtu: 4096 },
];
const WITH_PSK: [Partial<DtlsServerOptions>, Partial<DtlsClientOptions>] = [{}, {}];

interface Row {
  readonly state: string;
  readonly options: [Partial<DtlsServerOptions>, Partial<DtlsClientOptions>];
  /** Number of the message that comes in this state. */
  readonly sequence: number;
  readonly expected: readonly HandshakeType[];
}

/** States of the server, and what it takes in them. A ClientHello never gets to a handshake that has begun. */
const OF_SERVER: readonly Row[] = [
  { state: 'expect_certificate', options: WITH_CERTIFICATES, sequence: 2, expected: ['certificate'] },
  {
    state: 'expect_client_key_exchange',
    options: WITH_CERTIFICATES,
    sequence: 3,
    expected: ['client_key_exchange'],
  },
  {
    state: 'expect_certificate_verify',
    options: WITH_CERTIFICATES,
    sequence: 4,
    expected: ['certificate_verify'],
  },
  { state: 'expect_finished', options: WITH_CERTIFICATES, sequence: 5, expected: [] },
  {
    state: 'expect_client_key_exchange with PSK',
    options: WITH_PSK,
    sequence: 2,
    expected: ['client_key_exchange'],
  },
  { state: 'expect_finished with PSK', options: WITH_PSK, sequence: 3, expected: [] },
];

const OF_CLIENT: readonly Row[] = [
  {
    state: 'expect_server_hello',
    options: WITH_CERTIFICATES,
    sequence: 1,
    expected: ['server_hello', 'hello_verify_request'],
  },
  { state: 'expect_certificate', options: WITH_CERTIFICATES, sequence: 2, expected: ['certificate'] },
  {
    state: 'expect_server_key_exchange',
    options: WITH_CERTIFICATES,
    sequence: 3,
    expected: ['server_key_exchange'],
  },
  {
    state: 'expect_request_or_done',
    options: WITH_CERTIFICATES,
    sequence: 4,
    expected: ['certificate_request', 'server_hello_done'],
  },
  { state: 'expect_done', options: WITH_CERTIFICATES, sequence: 5, expected: ['server_hello_done'] },
  {
    state: 'expect_hint_or_done',
    options: WITH_PSK,
    sequence: 2,
    expected: ['server_key_exchange', 'server_hello_done'],
  },
];

/** A type that is none, beside those that are. */
const ALL_TYPES: readonly (readonly [string, number])[] = [
  ...Object.entries(HANDSHAKE_TYPES),
  ['a type that is none', 99],
];

function wrongTypes({ expected }: Row): (readonly [string, number])[] {
  return ALL_TYPES.filter(([name]) => !(expected as readonly string[]).includes(name));
}

/** Sends a message of the wrong type in the row's state. */
function play(row: Row, towards: 'client' | 'server', type: number): World {
  const [server, client] = row.options;
  const change = (message: Buffer): Buffer => {
    message[0] = type;
    return message;
  };
  const world = new World(server, changing(towards, row.sequence, change));
  const one = world.connect(client);
  world.until(one, () => one.refusals.length > 0 || one.recorder !== undefined);
  world.settle();
  const [mine, theirs] =
    towards === 'server' ? [world.refusals, one.refusals] : [one.refusals, world.refusals];
  assert.deepEqual(
    mine.map(({ reason, alert }) => [reason, alert]),
    [['protocol', 'unexpected_message']],
  );
  assert.deepEqual(
    theirs.map(({ reason, alert }) => [reason, alert]),
    [['peer_alert', 'unexpected_message']],
  );
  return world;
}

for (const row of OF_SERVER) {
  for (const [name, type] of wrongTypes(row)) {
    if (name === 'client_hello') continue;
    test(`the server in ${row.state} does not take ${name}`, () => {
      const world = play(row, 'server', type);
      assert.equal(world.server.halfOpenCount, 0);
      assert.equal(world.server.sessionCount, 0);
    });
  }
}

for (const row of OF_CLIENT) {
  for (const [name, type] of wrongTypes(row)) {
    test(`the client in ${row.state} does not take ${name}`, () => {
      play(row, 'client', type);
    });
  }
}
