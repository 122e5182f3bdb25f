import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { saslPrep } from './sasl-prep.js';
import { hash, hmac, type ScramMechanism, saltedPassword } from './scram-credentials.js';

/**
 * The client's side of SCRAM, written from RFC 5802 §5: it gives its two messages and believes only a server that
 * knows the user.
 */
export class ScramClient {
  readonly mechanism: ScramMechanism;
  readonly #password: string;
  readonly #gs2Header: string;
  readonly #bare: string;
  readonly #nonce: string;
  #serverSignature = '';

  constructor(
    mechanism: ScramMechanism,
    username: string,
    password: string,
    { nonce = randomBytes(18).toString('base64'), gs2Header = 'n,,' } = {},
  ) {
    this.mechanism = mechanism;
    this.#password = saslPrep(password) ?? '';
    this.#gs2Header = gs2Header;
    this.#nonce = nonce;
    this.#bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  }

  /** `client-first-message` */
  first(): Buffer {
    return Buffer.from(this.#gs2Header + this.#bare);
  }

  /** The `client-final-message` that answers a `server-first-message`. */
  async final(serverFirst: Buffer | undefined): Promise<Buffer> {
    assert.ok(serverFirst !== undefined);
    const match = /^r=([!-+\--~]+),s=([A-Za-z0-9+/]+={0,2}),i=(\d+)$/.exec(serverFirst.toString());
    assert.ok(match !== null, `no server-first-message: ${serverFirst}`);
    const [, nonce = '', salt = '', iterations] = match;
    assert.ok(nonce.startsWith(this.#nonce) && nonce.length > this.#nonce.length);
    const { mechanism } = this;
    const salted = await saltedPassword(
      mechanism,
      this.#password,
      Buffer.from(salt, 'base64'),
      Number(iterations),
    );
    const clientKey = hmac(mechanism, salted, 'Client Key');
    const withoutProof = `c=${Buffer.from(this.#gs2Header).toString('base64')},r=${nonce}`;
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = hmac(mechanism, hash(mechanism, clientKey), authMessage);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    this.#serverSignature = hmac(mechanism, hmac(mechanism, salted, 'Server Key'), authMessage).toString(
      'base64',
    );
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  }

  /** Whether a `server-final-message` proves that the server knows the user. */
  believes(serverFinal: Buffer | undefined): boolean {
    return serverFinal?.toString() === `v=${this.#serverSignature}`;
  }
}
