import { randomBytes, timingSafeEqual } from 'node:crypto';

/** Messages of the return routability check, RFC 9853 §5: a type and a cookie. */
const PATH_CHALLENGE = 0;
const PATH_RESPONSE = 1;
const COOKIE_LENGTH = 8;
const MESSAGE_LENGTH = 1 + COOKIE_LENGTH;

/** How much more may go to an address than has come from it (RFC 9000 §8.1). */
const MOST_RETURNED = 3;

/**
 * The address that a session has moved to, until it is known that what is sent there arrives (RFC 9146 §6): up to then
 * little more is sent there than came from there, as the peer may have written somebody else's address on its datagrams.
 */
export class UnprovenAddress {
  /** Undefined where the peer does not take part in return routability checks. */
  readonly #cookie: Buffer | undefined;
  #received = 0;
  #sent = 0;

  /** @param withCheck whether the peer takes part in return routability checks */
  constructor(withCheck: boolean) {
    this.#cookie = withCheck ? randomBytes(COOKIE_LENGTH) : undefined;
  }

  /** What the peer is to answer; undefined where it would not. */
  get challenge(): Buffer | undefined {
    return this.#cookie && Buffer.concat([Buffer.from([PATH_CHALLENGE]), this.#cookie]);
  }

  /** Whether the next that comes from there can be an answer, as far as can be told without a check. */
  get mayHaveAnswered(): boolean {
    return this.#cookie === undefined && this.#sent > 0;
  }

  /** So many bytes have come from there. */
  received(bytes: number): void {
    this.#received += bytes;
  }

  /** Whether a datagram of so many bytes may go there; if so, it is counted. */
  maySend(bytes: number): boolean {
    if (this.#sent >= MOST_RETURNED * this.#received) return false;
    this.#sent += bytes;
    return true;
  }

  /** Whether a message is the answer to the challenge. */
  isAnsweredBy(message: Buffer): boolean {
    const cookie = this.#cookie;
    const isResponse = message.length === MESSAGE_LENGTH && message[0] === PATH_RESPONSE;
    return cookie !== undefined && isResponse && timingSafeEqual(message.subarray(1), cookie);
  }
}

/** The answer to the peer's challenge; undefined when the message is none (RFC 9853 §5). */
export function pathResponseTo(message: Buffer): Buffer | undefined {
  if (message.length !== MESSAGE_LENGTH || message[0] !== PATH_CHALLENGE) return undefined;
  const response = Buffer.from(message);
  response[0] = PATH_RESPONSE;
  return response;
}
