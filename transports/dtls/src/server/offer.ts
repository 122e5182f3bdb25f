import { CIPHER_SUITES, type CipherSuiteName } from '../cipher-suites.js';
import type { ClientAuthentication, DtlsServerOptions, ServerCredentials } from '../contract.js';
import { isP256 } from '../handshake/presented-key.js';

/** What a server can and wants. */
export interface Offer {
  readonly cipherSuites: readonly CipherSuiteName[];
  readonly credentials: ServerCredentials;
  readonly clients: ClientAuthentication;
}

const ALL_SUITES = Object.keys(CIPHER_SUITES) as CipherSuiteName[];

/** @throws TypeError when a private key is not on the curve P-256, or there is no credential */
export function offerOf(
  { cipherSuites = ALL_SUITES, clients }: DtlsServerOptions,
  credentials: ServerCredentials,
): Offer {
  const { psk, certificate, rawKey } = credentials;
  const privateKeys = [certificate?.privateKey, rawKey].filter((key) => key !== undefined);
  if (!privateKeys.every(isP256)) throw new TypeError('a private key is not on the curve P-256');
  if (psk === undefined && privateKeys.length === 0) throw new TypeError('there is no credential');
  return { cipherSuites, credentials, clients };
}
