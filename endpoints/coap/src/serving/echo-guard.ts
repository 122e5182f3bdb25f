import { createHmac, randomBytes } from 'node:crypto';
import { type CoapOption, NO_BYTES, OptionNumber, opaqueOption, ResponseCode } from '@portico/codec-coap';
import { formatAddress } from '@portico/core';
import type { CoapRequest } from './request.js';
import type { RequestChannel } from './resource.js';
import { isSuccess, type Response, response, withOption } from './response.js';

/** Bytes of an Echo value, RFC 9175 §2.2.1: too many to guess. */
const VALUE_SIZE = 8;
/** So many times as long as its request a response to an unproven address may be, RFC 9175 §2.4. */
const MAX_AMPLIFICATION = 3;
/** Bytes of a response beside its options and payload: header, token and payload marker. */
const HEAD = 4 + 8 + 1;
/** Bytes of an option beside its value. */
const OPTION_HEAD = 2;

/** Without a word, since it has to be short itself; whoever gets it has done nothing wrong. */
const CHALLENGE: Response = { ...response(ResponseCode.Unauthorized), logged: true };

/**
 * Keeps the hub from being an amplifier (RFC 9175 §2.4): whoever sends under a false address gets no response much
 * longer than the request, and nothing unasked, before it has echoed what was sent to that address. One for all peers;
 * values are computed from addresses, so that those who never answer leave nothing behind.
 */
export class EchoGuard {
  readonly #secret = randomBytes(32);
  readonly #asksForMore: (request: CoapRequest) => boolean;

  /** @param asksForMore whether a request has more sent to its address than its response */
  constructor(asksForMore: (request: CoapRequest) => boolean) {
    this.#asksForMore = asksForMore;
  }

  /** @returns what is answered instead of carrying the request out; undefined when that may be done */
  before(request: CoapRequest, channel: RequestChannel): Response | undefined {
    if (channel.proven) return undefined;
    if (request.echo?.equals(this.#valueOf(channel))) {
      channel.proven = true;
      return undefined;
    }
    return this.#asksForMore(request) ? this.#challenge(channel) : undefined;
  }

  /**
   * The response as it may go to its peer, an error without its text, or the demand to echo.
   * @param requestLength bytes
   */
  after(answer: Response, requestLength: number, channel: RequestChannel): Response {
    if (channel.proven || lengthOf(answer) <= MAX_AMPLIFICATION * requestLength) return answer;
    return isSuccess(answer.code) ? this.#challenge(channel) : { ...answer, payload: NO_BYTES };
  }

  #challenge(channel: RequestChannel): Response {
    return withOption(CHALLENGE, opaqueOption(OptionNumber.Echo, this.#valueOf(channel)));
  }

  #valueOf({ info }: RequestChannel): Buffer {
    return createHmac('sha256', this.#secret)
      .update(formatAddress(info.peer))
      .digest()
      .subarray(0, VALUE_SIZE);
  }
}

/** Bytes, at most. */
function lengthOf({ options, payload }: Response): number {
  const ofOption = (option: CoapOption) => OPTION_HEAD + option.length;
  return options.reduce((sum, option) => sum + ofOption(option), HEAD + payload.length);
}
