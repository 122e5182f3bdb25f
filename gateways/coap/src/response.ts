import {
  type CoapOption,
  EMPTY_CODE,
  NO_BYTES,
  NO_OPTIONS,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import type { Refusal } from '@portico/core';

/** The answer to a request, before the message layer makes a message of it. */
export interface Response {
  /** {@link EMPTY_CODE} when there is nothing to say beyond the acknowledgement. */
  readonly code: number;
  readonly options: readonly CoapOption[];
  readonly payload: Buffer;
  /** To be sent only when what the request published is on disk where it has to be. */
  readonly durable: boolean;
}

/** A response without options or payload. */
export function response(code: number): Response {
  return { code, options: NO_OPTIONS, payload: NO_BYTES, durable: false };
}

/** A Reset instead of a response (RFC 7252 §4.3). */
export const RESET: Response = response(EMPTY_CODE);
/** Nothing beyond the acknowledgement. */
export const SILENCE: Response = response(EMPTY_CODE);
/** 2.05 without a representation: a heartbeat, the end of an observation. */
export const CONTENT: Response = response(ResponseCode.Content);
/** 2.04: published. */
export const CHANGED: Response = { ...response(ResponseCode.Changed), durable: true };

/** An error with its reason in words, RFC 7252 §5.5.2. */
export function failure(code: number, reason: string): Response {
  return { ...response(code), payload: Buffer.from(reason, 'utf8') };
}

/**
 * 4.13 with the size that would do, RFC 7252 §5.9.2.9.
 * @param limit bytes of payload
 */
export function tooLarge(limit: number): Response {
  const answer = failure(ResponseCode.RequestEntityTooLarge, 'payload too large for one message');
  return { ...answer, options: [uintOption(OptionNumber.Size1, limit)] };
}

const REFUSALS: Readonly<Record<Refusal, number>> = {
  not_authorized: ResponseCode.Forbidden,
  bad_credentials: ResponseCode.Unauthorized,
  clientid_invalid: ResponseCode.BadRequest,
  banned: ResponseCode.Forbidden,
  server_busy: ResponseCode.ServiceUnavailable,
  server_unavailable: ResponseCode.ServiceUnavailable,
  topic_name_invalid: ResponseCode.BadRequest,
  topic_filter_invalid: ResponseCode.BadRequest,
  qos_not_supported: ResponseCode.BadRequest,
  retain_not_supported: ResponseCode.BadRequest,
  shared_subscriptions_not_supported: ResponseCode.BadRequest,
  wildcard_subscriptions_not_supported: ResponseCode.BadRequest,
  quota_exceeded: ResponseCode.TooManyRequests,
  packet_id_in_use: ResponseCode.InternalServerError,
  unspecified: ResponseCode.InternalServerError,
};

/** The hub's refusal of what a client asked for. */
export function refused(refusal: Refusal): Response {
  return failure(REFUSALS[refusal], refusal.replaceAll('_', ' '));
}

/** The hub's refusal to let a client in: whoever is not let in has to show (other) credentials. */
export function refusedLogin(refusal: Refusal): Response {
  const code = refusal === 'not_authorized' ? ResponseCode.Unauthorized : REFUSALS[refusal];
  return failure(code, refusal.replaceAll('_', ' '));
}
