/** Request and response codes: class (3 bits) and detail (5 bits) in one byte, RFC 7252 §3 and §12.1. */

/** Code of an Empty message, RFC 7252 §4.1. */
export const EMPTY_CODE = 0;

/** Request methods, RFC 7252 §12.1.1 and RFC 8132 §5. */
export const Method = { GET: 1, POST: 2, PUT: 3, DELETE: 4, FETCH: 5, PATCH: 6, iPATCH: 7 } as const;
export type Method = (typeof Method)[keyof typeof Method];

/** The byte for `2.05` written as `codeOf(2, 5)`. */
export function codeOf(codeClass: number, detail: number): number {
  return (codeClass << 5) | detail;
}

/** Response codes: RFC 7252 §12.1.2, RFC 7959 §2.9, RFC 8132 §5, RFC 8516, RFC 8768. */
export const ResponseCode = {
  Created: codeOf(2, 1),
  Deleted: codeOf(2, 2),
  Valid: codeOf(2, 3),
  Changed: codeOf(2, 4),
  Content: codeOf(2, 5),
  Continue: codeOf(2, 31),
  BadRequest: codeOf(4, 0),
  Unauthorized: codeOf(4, 1),
  BadOption: codeOf(4, 2),
  Forbidden: codeOf(4, 3),
  NotFound: codeOf(4, 4),
  MethodNotAllowed: codeOf(4, 5),
  NotAcceptable: codeOf(4, 6),
  RequestEntityIncomplete: codeOf(4, 8),
  Conflict: codeOf(4, 9),
  PreconditionFailed: codeOf(4, 12),
  RequestEntityTooLarge: codeOf(4, 13),
  UnsupportedContentFormat: codeOf(4, 15),
  UnprocessableEntity: codeOf(4, 22),
  TooManyRequests: codeOf(4, 29),
  InternalServerError: codeOf(5, 0),
  NotImplemented: codeOf(5, 1),
  BadGateway: codeOf(5, 2),
  ServiceUnavailable: codeOf(5, 3),
  GatewayTimeout: codeOf(5, 4),
  ProxyingNotSupported: codeOf(5, 5),
  HopLimitReached: codeOf(5, 8),
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [EMPTY_CODE, 'Empty'],
  ...Object.entries(Method).map(([name, code]): [number, string] => [code, name]),
  ...Object.entries(ResponseCode).map(([name, code]): [number, string] => [code, spaced(name)]),
]);

function spaced(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, ' $&');
}

/** 0 request or empty, 2 success, 4 client error, 5 server error; 1, 6 and 7 are reserved. */
export function classOf(code: number): number {
  return code >> 5;
}

export function isRequest(code: number): boolean {
  return code !== EMPTY_CODE && classOf(code) === 0;
}

export function isResponse(code: number): boolean {
  const codeClass = classOf(code);
  return codeClass === 2 || codeClass === 4 || codeClass === 5;
}

/** Dotted form: `2.05`, `0.01`. */
export function codeText(code: number): string {
  return `${classOf(code)}.${String(code & 0x1f).padStart(2, '0')}`;
}

/** Registered name: `GET`, `Content`, `Not Found`; undefined for a code that is not registered. */
export function codeName(code: number): string | undefined {
  return NAMES.get(code);
}
