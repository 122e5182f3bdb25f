import type { CborErrorCode } from '@portico/codec-cbor';
import { FrameError } from '@portico/frame';
import type { Lwm2mPath, ResourceType } from './model/types.js';
import type { Lwm2mValue } from './value.js';

/** One resource, or one resource instance of a multiple resource, and its value. */
export interface Lwm2mNode {
  /** Three ids, or four for a resource instance; any number where there is no value. */
  readonly path: Lwm2mPath;
  /**
   * Null where a SenML record has no value: what a Read-Composite names (LwM2M 1.1.1 Core §6.3.8), and the resource
   * instance that a Write-Composite of 1.2 deletes.
   */
  readonly value: Lwm2mValue | null;
  /**
   * True when no definition tells the type, or the payload holds something else than a value of it: the value is
   * then the bytes (TLV, opaque) or what the payload says that it is (text, JSON, CBOR).
   */
  readonly raw?: boolean;
  /**
   * When the value was measured, in seconds since 1970; what is less than 2^28 is relative to now
   * (RFC 8428 §4.5.3).
   */
  readonly time?: number;
}

/** What is written: a value with the type that it is written as; `none` lets the value speak for itself. */
export interface TypedNode extends Lwm2mNode {
  readonly type: ResourceType;
}

/** What can be wrong with a payload that is read, or with what is to be written as one. */
export type PayloadErrorCode =
  /** Bytes that are no CBOR. */
  | CborErrorCode
  /** No {@link CONTENT_FORMATS} with that number holds values. */
  | 'unsupported_format'
  /** More bytes than {@link MAX_PAYLOAD_BYTES}. */
  | 'too_large'
  /** The format holds one value, and something else than one is asked for. */
  | 'not_single'
  /** A path that is none, or not at or below the one that was asked for. */
  | 'wrong_path'
  /** A value that is none of its type. */
  | 'wrong_type'
  /** A value that the format has no form for: a float that is not finite in JSON, a string as opaque. */
  | 'unsuitable';

/** Longest payload that is read, in bytes. */
export const MAX_PAYLOAD_BYTES = 1 << 20;

/** Most values in a payload. */
export const MAX_NODES = 10_000;

/** A fault of a payload. @param offset in bytes from its start, as far as it can be told */
export function payloadError(
  code: PayloadErrorCode,
  reason: string,
  offset = 0,
): FrameError<PayloadErrorCode> {
  return new FrameError(code, offset, reason);
}

/** A node of something that was read, but is no value of a known type. */
export function rawNode(path: Lwm2mPath, value: Lwm2mValue): Lwm2mNode {
  return { path, value, raw: true };
}

/** A node that was read. @param fitted the value by its type; undefined when `given` is none of it */
export function readNode(path: Lwm2mPath, fitted: Lwm2mValue | undefined, given: Lwm2mValue): Lwm2mNode {
  return fitted === undefined ? rawNode(path, given) : { path, value: fitted };
}
