import {
  type CoapOption,
  classOf,
  NO_BYTES,
  NO_OPTIONS,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import type { Refusal } from '@portico/core';

/**
 * What is made of a request: an answer, a Reset in its place (RFC 7252 §4.3), or nothing beyond the
 * acknowledgement.
 */
export type Response = Answer | 'reset' | 'silence';

/** The answer to a request, before the message layer makes a message of it. */
export interface Answer {
  readonly code: number;
  readonly options: readonly CoapOption[];
  readonly payload: Buffer;
  /** To be sent only when what the request published is on disk where it has to be. */
  readonly durable: boolean;
}

/** A response without options or payload. */
export function response(code: number): Answer {
  return { code, options: NO_OPTIONS, payload: NO_BYTES, durable: false };
}

/** 2.05 without a representation: a heartbeat, the end of an observation. */
export const CONTENT: Answer = response(ResponseCode.Content);
/** 2.04: published. */
export const CHANGED: Answer = { ...response(ResponseCode.Changed), durable: true };

/** An error with its reason in words, RFC 7252 §5.5.2. */
export function failure(code: number, reason: string): Answer {
  return { ...response(code), payload: Buffer.from(reason, 'utf8') };
}

/**
 * 4.13 with the size that would do, RFC 7252 §5.9.2.9.
 * @param limit bytes of payload
 */
export function tooLarge(limit: number): Answer {
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
export function refused(refusal: Refusal): Answer {
  return failure(REFUSALS[refusal], refusal.replaceAll('_', ' '));
}

/** The hub's refusal to let a client in: whoever is not let in has to show (other) credentials. */
export function refusedLogin(refusal: Refusal): Answer {
  const code = refusal === 'not_authorized' ? ResponseCode.Unauthorized : REFUSALS[refusal];
  return failure(code, refusal.replaceAll('_', ' '));
}

/** Leaves out a response of a class that the client does not want, RFC 7967 §2. */
export function unlessUnwanted(response: Response, noResponse: number): Response {
  if (typeof response !== 'object') return response;
  return (noResponse & (1 << (classOf(response.code) - 1))) === 0 ? response : 'silence';
}
