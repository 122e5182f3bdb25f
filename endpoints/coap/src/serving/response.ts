import {
  type CoapOption,
  classOf,
  NO_BYTES,
  NO_OPTIONS,
  OptionNumber,
  ResponseCode,
  uintOption,
} from '@portico/codec-coap';
import type { ConnectRefusal, PublishRefusal, SubscribeRefusal } from '@portico/core';

/** What is sent back for a request, before the message layer makes a message of it. */
export type Answer = Response | Silence | Reset;

interface AnyAnswer {
  /** To be sent only when what the request published is on disk where it has to be. */
  readonly durable: boolean;
}

/** A response, RFC 7252 §5.2. */
export interface Response extends AnyAnswer {
  readonly kind: 'response';
  readonly code: number;
  readonly options: readonly CoapOption[];
  readonly payload: Buffer;
  /** An error of which the log needs no line, or has one already. */
  readonly logged: boolean;
}

/** Nothing beyond the acknowledgement, RFC 7967. */
export interface Silence extends AnyAnswer {
  readonly kind: 'silence';
}

/** A Reset instead of a response, RFC 7252 §4.3. */
export interface Reset extends AnyAnswer {
  readonly kind: 'reset';
}

export const RESET: Reset = { kind: 'reset', durable: false };

/** A response without options or payload. */
export function response(code: number): Response {
  return {
    kind: 'response',
    code,
    options: NO_OPTIONS,
    payload: NO_BYTES,
    durable: false,
    logged: false,
  };
}

/** 2.05 without a representation: a heartbeat, the end of an observation. */
export const CONTENT: Response = response(ResponseCode.Content);
/** 2.04: published. */
export const CHANGED: Response = { ...response(ResponseCode.Changed), durable: true };

/** An error with its reason in words, RFC 7252 §5.5.2. */
export function failure(code: number, reason: string): Response {
  return { ...response(code), payload: Buffer.from(reason, 'utf8') };
}

/** Whether a response code says that all went well. */
export function isSuccess(code: number): boolean {
  return classOf(code) === 2;
}

/** A response that tells how long its whole payload is (Size2), RFC 7959 §4. */
export function sized(answer: Response): Response {
  return withOption(answer, uintOption(OptionNumber.Size2, answer.payload.length));
}

/** A response with one option more. */
export function withOption(answer: Response, option: CoapOption): Response {
  const options = [...answer.options, option].sort((a, b) => a.number - b.number);
  return { ...answer, options };
}

/**
 * 4.13 with the size that would do, RFC 7252 §5.9.2.9.
 * @param limit bytes of payload
 */
export function tooLarge(limit: number): Response {
  const answer = failure(ResponseCode.RequestEntityTooLarge, 'payload too large');
  return { ...answer, options: [uintOption(OptionNumber.Size1, limit)] };
}

/** Whatever the hub may refuse. */
type Refusal = ConnectRefusal | PublishRefusal | SubscribeRefusal;

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
  storage_failed: ResponseCode.ServiceUnavailable,
  unspecified: ResponseCode.InternalServerError,
};

/** The hub's refusal of what a client asked for. The hub logs what access control denies. */
export function refused(refusal: Refusal): Response {
  const answer = failure(REFUSALS[refusal], refusal.replaceAll('_', ' '));
  return { ...answer, logged: refusal === 'not_authorized' };
}

/** Refusals of the gateway itself; the hub logs its own. */
const OWN_REFUSALS: readonly ConnectRefusal[] = ['server_busy', 'server_unavailable'];

/** The refusal to let a client in: whoever is not let in has to show (other) credentials. */
export function refusedLogin(refusal: ConnectRefusal): Response {
  const code = refusal === 'not_authorized' ? ResponseCode.Unauthorized : REFUSALS[refusal];
  const answer = failure(code, refusal.replaceAll('_', ' '));
  return { ...answer, logged: !OWN_REFUSALS.includes(refusal) };
}
