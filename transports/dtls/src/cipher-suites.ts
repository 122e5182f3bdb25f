/** How the two sides come to a shared secret. */
export type KeyExchange = 'psk' | 'ecdhe_psk' | 'ecdhe_ecdsa';

/** One row of {@link CIPHER_SUITES}. All have AES-128 and the PRF and hash SHA-256. */
export interface CipherSuite {
  /** As on the wire. */
  readonly id: number;
  readonly keyExchange: KeyExchange;
  readonly mode: 'ccm' | 'gcm';
  /** Bytes of the authentication tag. */
  readonly tagLength: 8 | 16;
}

/**
 * The cipher suites there are, in the order in which a server prefers them: forward secrecy first, then the
 * longer tag.
 * RFC 5289 §3.2 (ECDHE_ECDSA GCM), RFC 7251 §2 (ECDHE_ECDSA CCM), RFC 8442 §3 (ECDHE_PSK), RFC 5487 §2 (PSK
 * GCM), RFC 6655 §4 (PSK CCM).
 */
export const CIPHER_SUITES = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: {
    id: 0xc02b,
    keyExchange: 'ecdhe_ecdsa',
    mode: 'gcm',
    tagLength: 16,
  },
  TLS_ECDHE_ECDSA_WITH_AES_128_CCM: { id: 0xc0ac, keyExchange: 'ecdhe_ecdsa', mode: 'ccm', tagLength: 16 },
  TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8: { id: 0xc0ae, keyExchange: 'ecdhe_ecdsa', mode: 'ccm', tagLength: 8 },
  TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256: { id: 0xd001, keyExchange: 'ecdhe_psk', mode: 'gcm', tagLength: 16 },
  TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256: { id: 0xd005, keyExchange: 'ecdhe_psk', mode: 'ccm', tagLength: 16 },
  TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256: {
    id: 0xd003,
    keyExchange: 'ecdhe_psk',
    mode: 'ccm',
    tagLength: 8,
  },
  TLS_PSK_WITH_AES_128_GCM_SHA256: { id: 0x00a8, keyExchange: 'psk', mode: 'gcm', tagLength: 16 },
  TLS_PSK_WITH_AES_128_CCM: { id: 0xc0a4, keyExchange: 'psk', mode: 'ccm', tagLength: 16 },
  TLS_PSK_WITH_AES_128_CCM_8: { id: 0xc0a8, keyExchange: 'psk', mode: 'ccm', tagLength: 8 },
} as const satisfies Record<string, CipherSuite>;

export type CipherSuiteName = keyof typeof CIPHER_SUITES;
