import type { CoapMessage, CoapOption, Method } from '@portico/codec-coap';

/**
 * A request of the hub to a peer, without what the endpoint adds: message id, token, blocks. Its bytes are not to change
 * until it is settled.
 */
export interface OutgoingRequest {
  readonly method: Method;
  /** By ascending number; no Block1, Block2 or Size1. */
  readonly options: readonly CoapOption[];
  /** Of any length: what is longer than a block goes in blocks (RFC 7959 §2.5). */
  readonly payload: Buffer;
  /** 1 to 8 bytes; 8 random ones by default. Observations bring their own. */
  readonly token?: Buffer;
  /**
   * Whether the token is that of an observation that goes on: before the acknowledgement, what comes with it and has an
   * Observe option is a notification, not the response.
   */
  readonly observed?: boolean;
}

/** A response of a peer. Its bytes are borrowed until the call that brings it returns. */
export type IncomingResponse = Pick<CoapMessage, 'code' | 'options' | 'payload'>;

/** Why a request has no response. */
export type RequestFailure =
  /** It was never acknowledged, or no response followed the acknowledgement in time. */
  | 'timeout'
  /** The peer rejected it with a Reset. */
  | 'reset'
  /** The connection is gone. */
  | 'closed'
  /** The caller did not want it any more. */
  | 'cancelled'
  /** The response is longer than what is taken. */
  | 'too_large'
  /**
   * The blocks of the request, or of the response, did not fit together. A second try was made where it is harmless: for a
   * GET or FETCH.
   */
  | 'incomplete'
  /** Too many others wait for the peer. */
  | 'queue_full';

/** Who wants to know what becomes of a request: one of `responded` and `failed` is called, once. */
export interface ResponseHandler {
  /** An empty acknowledgement came: the response will follow. Not called for each block of a payload. */
  acknowledged?(): void;
  /**
   * The peer took a block of the request.
   * @param sent bytes of the payload that it has, out of `total`
   */
  progress?(sent: number, total: number): void;
  /** The response, whole. That it came does not mean that all went well: see its code. */
  responded(response: IncomingResponse): void;
  failed(reason: RequestFailure): void;
}

/** A request that has been handed in. */
export interface RequestHandle {
  /** Ends it, as `cancelled`, unless it has ended already. A response that comes nevertheless is rejected. */
  cancel(): void;
}
