import { codeName, codeText, ResponseCode } from '@portico/codec-coap';

/** How a command ended that the device did not answer, or that it never got. */
export type Failure =
  /** It cannot be understood, or has a value that does not fit. */
  | 'invalid'
  /** The device's version of LwM2M does not have the operation. */
  | 'unsupported'
  /** The device did not answer in time. */
  | 'timeout'
  /** The device answered with a Reset. */
  | 'reset'
  /** The connection to the device ended while it was to answer. */
  | 'closed'
  /** It waited for longer than it was good for. */
  | 'expired'
  /** Too many commands wait for the device. */
  | 'queue_full'
  /** The device is gone, or has become another one. */
  | 'dropped'
  /** The hub was started anew while the device was to answer. */
  | 'interrupted'
  /** The device's answer is larger than the hub takes. */
  | 'too_large'
  /** The device's answer, or the request, broke off between blocks. */
  | 'incomplete'
  /** The device's answer has a payload that is not what it says it is. */
  | 'malformed'
  /** The device is observed at too many paths. */
  | 'too_many_observations'
  /** New software for the device cannot be downloaded, or is too long. */
  | 'no_package'
  /** The hub has no room for it at present. */
  | 'no_room';

/** What is answered to whoever sent the command: the code that a CoAP proxy would give (RFC 7252 §5.9), and why. */
export const FAILURES: Readonly<Record<Failure, { readonly code: number; readonly reason: string }>> = {
  invalid: { code: ResponseCode.BadRequest, reason: 'the command is not valid' },
  unsupported: {
    code: ResponseCode.NotImplemented,
    reason: 'the LwM2M version of the device has no such operation',
  },
  timeout: { code: ResponseCode.GatewayTimeout, reason: 'the device did not answer' },
  reset: { code: ResponseCode.BadGateway, reason: 'the device rejected the message' },
  closed: {
    code: ResponseCode.ServiceUnavailable,
    reason: 'the connection to the device ended before it answered',
  },
  expired: {
    code: ResponseCode.GatewayTimeout,
    reason: 'the command expired while it waited for the device',
  },
  queue_full: { code: ResponseCode.ServiceUnavailable, reason: 'too many commands wait for the device' },
  dropped: { code: ResponseCode.ServiceUnavailable, reason: 'the device is no longer registered as it was' },
  interrupted: {
    code: ResponseCode.GatewayTimeout,
    reason: 'the hub was started anew before the device answered',
  },
  too_large: { code: ResponseCode.RequestEntityTooLarge, reason: 'the answer of the device is too large' },
  incomplete: { code: ResponseCode.RequestEntityIncomplete, reason: 'the transfer of blocks broke off' },
  malformed: { code: ResponseCode.BadGateway, reason: 'the answer of the device cannot be understood' },
  too_many_observations: {
    code: ResponseCode.ServiceUnavailable,
    reason: 'too much of the device is observed',
  },
  no_package: { code: ResponseCode.BadGateway, reason: 'the package cannot be had' },
  no_room: { code: ResponseCode.ServiceUnavailable, reason: 'there is no room for the package at present' },
};

/** As EMQX 4 spells it, so that applications find it. */
const SPELLED_OTHERWISE: ReadonlyMap<number, string> = new Map([[ResponseCode.Unauthorized, 'uauthorized']]);

/** A code in an answer, in the order in which it is written. */
export interface CodeFields {
  /** `content`; `unknown` for a code that is not registered. */
  readonly codeMsg: string;
  /** `2.05` */
  readonly code: string;
}

/** By code: there are 256 at most. */
const FIELDS = new Map<number, CodeFields>();

/** The fields of a response code, CoAP's names in lower case: `4.04`, `not_found`. */
export function codeFields(code: number): CodeFields {
  let fields = FIELDS.get(code);
  if (fields === undefined) {
    fields = { codeMsg: SPELLED_OTHERWISE.get(code) ?? nameOf(code), code: codeText(code) };
    FIELDS.set(code, fields);
  }
  return fields;
}

function nameOf(code: number): string {
  return codeName(code)?.toLowerCase().replaceAll(' ', '_') ?? 'unknown';
}
