import { Lwm2mFormat } from './content-formats.js';
import { decodeCbor, encodeCbor } from './formats/cbor.js';
import { decodeJson, encodeJson } from './formats/json.js';
import { decodeLwm2mCbor, encodeLwm2mCbor } from './formats/lwm2m-cbor.js';
import { decodeOpaque, encodeOpaque } from './formats/opaque.js';
import { decodeSenmlCbor, encodeSenmlCbor, encodeSenmlCborPaths } from './formats/senml-cbor.js';
import { decodeSenmlJson, encodeSenmlJson, encodeSenmlJsonPaths } from './formats/senml-json.js';
import { decodeText, encodeText } from './formats/text.js';
import { decodeTlv, encodeTlv } from './formats/tlv.js';
import type { Lwm2mPath, TypeOf } from './model/types.js';
import { type Lwm2mNode, MAX_PAYLOAD_BYTES, payloadError, type TypedNode } from './node.js';

/** SenML JSON or SenML CBOR. */
export type CompositeFormat = typeof Lwm2mFormat.SenmlJson | typeof Lwm2mFormat.SenmlCbor;

interface PayloadFormat {
  decode(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[];
  encode(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer;
}

const FORMATS: ReadonlyMap<number, PayloadFormat> = new Map([
  [Lwm2mFormat.Text, { decode: decodeText, encode: encodeText }],
  [Lwm2mFormat.Opaque, { decode: decodeOpaque, encode: encodeOpaque }],
  [Lwm2mFormat.Cbor, { decode: decodeCbor, encode: encodeCbor }],
  [Lwm2mFormat.SenmlJson, { decode: decodeSenmlJson, encode: encodeSenmlJson }],
  [Lwm2mFormat.SenmlCbor, { decode: decodeSenmlCbor, encode: encodeSenmlCbor }],
  [Lwm2mFormat.Lwm2mCbor, { decode: decodeLwm2mCbor, encode: encodeLwm2mCbor }],
  [Lwm2mFormat.Json, { decode: decodeJson, encode: encodeJson }],
  [Lwm2mFormat.Tlv, { decode: decodeTlv, encode: encodeTlv }],
] satisfies [number, PayloadFormat][]);

/**
 * Reads the payload of an answer, notification, Send or Create. Values of resources that have no definition, and
 * those that are none of their type, are `raw`.
 * @param format content format: 0, 42, 60, 110, 112, 11542, 11543 or 11544
 * @param base what was asked for, the root for composite operations and Send. Values are at or below it, those of
 *   SenML and LwM2M JSON also in objects that it links to
 * @param bytes borrowed
 * @throws FrameError with a {@link PayloadErrorCode}
 */
export function decodePayload(format: number, base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  if (bytes.length > MAX_PAYLOAD_BYTES) throw payloadError('too_large', 'the payload is too long');
  return payloadFormat(format).decode(base, bytes, typeOf);
}

/**
 * Writes a payload: what {@link decodePayload} reads.
 * @param base the path of the request; paths of nodes are at or below it. The root for composite operations
 * @param nodes exactly one for formats of one value
 * @throws FrameError with a {@link PayloadErrorCode} when a value is none of its type, or the format cannot hold it
 */
export function encodePayload(format: number, base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  return payloadFormat(format).encode(base, nodes);
}

function payloadFormat(number: number): PayloadFormat {
  const format = FORMATS.get(number);
  if (format === undefined)
    throw payloadError('unsupported_format', `content format ${number} holds no values`);
  return format;
}

/**
 * Writes what a Read-Composite or Observe-Composite asks for: records that are names alone (LwM2M 1.1.1 Core §6.3.8).
 * @param paths up to four ids each; the root is everything
 */
export function encodePaths(format: CompositeFormat, paths: readonly Lwm2mPath[]): Buffer {
  return format === Lwm2mFormat.SenmlJson ? encodeSenmlJsonPaths(paths) : encodeSenmlCborPaths(paths);
}
