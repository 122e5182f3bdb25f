import { CIPHER_SUITES } from './cipher-suites.js';
import { DtlsClient } from './client/dtls-client.js';
import type { DtlsEnvironment, DtlsServerOptions } from './contract.js';
import { Counters } from './counters.js';
import { Opener, Sealer } from './record/protection.js';
import { RecordCursor } from './record/record.js';
import { DtlsServer } from './server/dtls-server.js';
import { Session } from './session/session.js';

const PSK = Buffer.from('secretPSK');
const KEYS = { key: Buffer.alloc(16, 1), fixedIv: Buffer.alloc(4, 2) };
const SUITE = CIPHER_SUITES.TLS_PSK_WITH_AES_128_CCM_8;
const PEER = { address: '127.0.0.1', port: 1 };
const CID_LENGTH = 4;

const standingStill: DtlsEnvironment = {
  now: () => 0,
  timers: { after: () => ({ armed: true }), arm() {}, cancel() {} },
};
const NOBODY = { onData() {}, onMoved() {}, onClose() {} };
const host = {
  ...standingStill,
  send() {},
  admits: () => true,
  mayMove: () => true,
  accept: () => NOBODY,
  refused() {},
};
const options: DtlsServerOptions = {
  credentials: { psk: { find: () => PSK } },
  clients: { request: 'none', types: ['x509'], verify: () => 'trusted' },
  limits: { halfOpen: 10, sessions: 10, idleTime: 0, handshakeTime: 1000 },
  connectionIdLength: CID_LENGTH,
  resumption: { sessions: 0, lifetime: 0 },
};

/**
 * One run of a fuzzer: whatever the bytes are, as a datagram to a server and to a client in its handshake, and as what
 * an authentic peer has put into a record of a session, nothing is thrown.
 * @returns whether the server answered the datagram
 * @throws anything that it throws is a bug
 */
export function fuzz(bytes: Buffer): boolean {
  feedClient(bytes);
  feedSession(bytes);
  let answers = 0;
  const server = new DtlsServer(options, {
    ...host,
    send() {
      answers++;
    },
  });
  server.receive(Buffer.from(bytes), PEER, PEER.port);
  return answers > 0;
}

function feedClient(bytes: Buffer): void {
  const credentials = { kind: 'psk', identity: 'me', key: PSK } as const;
  const client = new DtlsClient({ credentials, handshakeTime: 1000, connectionId: Buffer.alloc(2) }, host);
  client.connect();
  client.receive(Buffer.from(bytes));
}

/** The first byte is the content type. */
function feedSession(bytes: Buffer): void {
  const cid = Buffer.alloc(CID_LENGTH);
  const session = new Session(
    {
      peer: { kind: 'psk', identity: 'me' },
      cipherSuite: 'TLS_PSK_WITH_AES_128_CCM_8',
      serverName: undefined,
      resumed: false,
      sealer: new Sealer(SUITE, KEYS, undefined),
      opener: new Opener(SUITE, KEYS, CID_LENGTH),
      returnRoutabilityCheck: true,
      ownCid: cid,
      sessionId: undefined,
      finalFlight: undefined,
      ticket: undefined,
    },
    {
      environment: standingStill,
      counters: new Counters(),
      idleTime: 0,
      renegotiationRequest: 'client_hello',
      transmit() {},
      mayMove: () => true,
      moved() {},
      forget() {},
    },
  );
  session.open(() => NOBODY);
  const sealed = new Sealer(SUITE, KEYS, cid).seal(bytes[0] ?? 0, bytes.subarray(1));
  const record = new RecordCursor(sealed, CID_LENGTH);
  if (record.next() !== undefined) throw new Error('our own record cannot be read');
  session.receive(record);
}
