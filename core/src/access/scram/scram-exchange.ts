import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Exchange, ExchangeAnswer } from '../types.js';
import { saslPrep } from './sasl-prep.js';
import { hash, hmac } from './scram-credentials.js';
import { type ClientFinal, type ClientFirst, parseClientFinal, parseClientFirst } from './scram-messages.js';
import type { ScramUser, ScramUsers } from './scram-users.js';

/** Bytes of the server's half of the nonce, before base64. */
const NONCE_LENGTH = 18;

/** The same for whatever is wrong: a client that knows its password has no use for more. */
const DENY: ExchangeAnswer = { answer: 'deny', refusal: 'bad_credentials' };

/** What the exchange remembers between the client's two messages. */
interface Challenge {
  readonly user: ScramUser;
  readonly gs2Header: string;
  /** The client's half and the server's. */
  readonly nonce: string;
  readonly clientFirstBare: string;
  readonly serverFirst: string;
}

/** The server's side of one SCRAM exchange, RFC 5802 §5: two messages of the client, two answers. */
export class ScramExchange implements Exchange {
  readonly #users: ScramUsers;
  readonly #makeNonce: () => string;
  #challenge: Challenge | undefined;

  /** @param makeNonce the server's half of the nonce: printable, without commas, never the same again */
  constructor(users: ScramUsers, makeNonce = () => randomBytes(NONCE_LENGTH).toString('base64')) {
    this.#users = users;
    this.#makeNonce = makeNonce;
  }

  next(data: Buffer | undefined): ExchangeAnswer {
    if (data === undefined) return DENY;
    if (this.#challenge !== undefined) return this.#finish(this.#challenge, parseClientFinal(data));
    const first = parseClientFirst(data);
    return first === undefined ? DENY : this.#begin(first);
  }

  #begin(first: ClientFirst): ExchangeAnswer {
    const username = saslPrep(first.username);
    if (username === undefined) return DENY;
    // Nobody acts for anybody else.
    if (first.authorizationId !== undefined && first.authorizationId !== first.username) return DENY;
    const user = this.#users.find(username);
    const { salt, iterations } = user.credentials;
    const nonce = first.nonce + this.#makeNonce();
    const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
    this.#challenge = { user, gs2Header: first.gs2Header, nonce, clientFirstBare: first.bare, serverFirst };
    return { answer: 'continue', data: Buffer.from(serverFirst) };
  }

  #finish(challenge: Challenge, final: ClientFinal | undefined): ExchangeAnswer {
    const { user, gs2Header, nonce, clientFirstBare, serverFirst } = challenge;
    if (final === undefined || final.nonce !== nonce) return DENY;
    if (final.channelBinding !== Buffer.from(gs2Header).toString('base64')) return DENY;
    const { mechanism, storedKey, serverKey } = user.credentials;
    const authMessage = `${clientFirstBare},${serverFirst},${final.withoutProof}`;
    const clientSignature = hmac(mechanism, storedKey, authMessage);
    if (final.proof.length !== clientSignature.length) return DENY;
    const clientKey = xor(final.proof, clientSignature);
    if (!timingSafeEqual(hash(mechanism, clientKey), storedKey)) return DENY;
    const { username, isSuperuser } = user;
    const verifier = hmac(mechanism, serverKey, authMessage).toString('base64');
    return { answer: 'allow', username, isSuperuser, data: Buffer.from(`v=${verifier}`) };
  }
}

/** @param a as long as `b` */
function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] as number)));
}
