import { type FieldReader, FrameError, shownBytes, shownSize } from '@portico/frame';
import { Lwm2mFormat } from './content-formats.js';
import { formatPath } from './path.js';
import { decodePayload } from './payload.js';
import { describeValue } from './value.js';

/** Formats whose values carry their whole paths. */
const WITH_PATHS: readonly (number | undefined)[] = [
  Lwm2mFormat.SenmlJson,
  Lwm2mFormat.SenmlCbor,
  Lwm2mFormat.Json,
  Lwm2mFormat.Lwm2mCbor,
];

/**
 * Explains a whole payload, all that is left, by its content format: each TLV with its place, the values of SenML and
 * the like by their paths, everything else as it is.
 * @throws FrameError where it breaks its format
 */
export function explainPayload(reader: FieldReader, format: number | undefined): void {
  if (format === Lwm2mFormat.Tlv) {
    readTlvs(reader, 0);
    return;
  }
  const start = reader.at;
  const bytes = reader.data('payload');
  if (format === undefined || !WITH_PATHS.includes(format)) return;
  for (const node of nodesOf(format, bytes, start)) {
    const value = node.value === null ? 'no value' : describeValue(node.value);
    reader.note(formatPath(node.path), bytes.length, value);
  }
}

/** @param start offset of the payload, from which its faults count */
function nodesOf(format: number, bytes: Buffer, start: number) {
  try {
    return decodePayload(format, [], bytes, () => undefined);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    throw new FrameError(error.code, start + error.offset, error.message);
  }
}

const KINDS = ['object instance', 'resource instance', 'multiple resource', 'resource'] as const;

/** TLVs in TLVs: an object instance, its resources, and their instances. */
const MAX_DEPTH = 3;

/** LwM2M 1.1.1 Core §7.4.4. */
function readTlvs(reader: FieldReader, depth: number, within = ''): void {
  const { end } = reader;
  while (reader.at < end) {
    const start = reader.at;
    const type = reader.bytes.readUInt8(reader.take(1));
    const idSize = type & 0x20 ? 2 : 1;
    const id = reader.bytes.readUIntBE(reader.take(idSize), idSize);
    const lengthSize = (type >> 3) & 3;
    const length = lengthSize === 0 ? type & 7 : reader.bytes.readUIntBE(reader.take(lengthSize), lengthSize);
    const kind = KINDS[type >> 6] ?? KINDS[3];
    const path = `${within}/${id}`;
    reader.note(path, reader.at - start, `${kind} ${id}, ${shownSize(length)}`);
    if (length > reader.left) throw new FrameError('truncated', start, 'a TLV is longer than what it is in');
    if (kind === 'object instance' || kind === 'multiple resource') {
      if (depth === MAX_DEPTH) throw new FrameError('too_deep', start, 'TLVs nested too deep');
      reader.end = reader.at + length;
      readTlvs(reader, depth + 1, path);
      reader.end = end;
    } else readValue(reader, path, length);
  }
}

/** A value whose type its object knows: an integer where it has the size of one, and text. */
function readValue(reader: FieldReader, name: string, length: number): void {
  const bytes = reader.bytes.subarray(reader.take(length), reader.at);
  const integer = [1, 2, 4].includes(length) ? `${bytes.readIntBE(0, length)}, ` : '';
  reader.note(name, length, `${integer}${shownBytes(bytes)}`);
}
