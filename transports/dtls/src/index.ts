/**
 * DTLS 1.2 (RFC 6347) without sockets: a server for all peers of one UDP port, and a client. See `contract.ts` for
 * what they are given and what they give.
 */

export type { AlertName } from './alerts.js';
export { CIPHER_SUITES, type CipherSuiteName } from './cipher-suites.js';
export { DtlsClient } from './client/dtls-client.js';
export type * from './contract.js';
export { DtlsServer } from './server/dtls-server.js';
