import type { CoapOption, Method } from '@portico/codec-coap';

/** A request to a device, without token, message id and Block options. */
export interface OutgoingRequest {
  readonly method: Method;
  readonly options: readonly CoapOption[];
  /** Of any length: it goes in blocks when it is longer than one. */
  readonly payload: Buffer;
  /** Random where it is not given. */
  readonly token?: Buffer;
}

/** The whole response to an {@link OutgoingRequest}. */
export interface RequestResponse {
  readonly code: number;
  readonly options: readonly CoapOption[];
  readonly payload: Buffer;
}

/** Why there is no response. */
export type RequestFailure =
  | 'timeout'
  | 'reset'
  | 'closed'
  | 'cancelled'
  | 'too_large'
  | 'incomplete'
  | 'queue_full';

/** What becomes of a request: exactly one of `responded` and `failed` is called, once. */
export interface ResponseHandler {
  /** An empty acknowledgement came: the response will follow. */
  acknowledged?(): void;
  /** A block of the request was taken. @param sent bytes */
  progress?(sent: number, total: number): void;
  responded(response: RequestResponse): void;
  failed(reason: RequestFailure): void;
}

/** A request on its way. */
export interface PendingRequest {
  cancel(): void;
}
