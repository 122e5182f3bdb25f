import { type CborMap, type CborValue, decode, encode } from '@portico/codec-cbor';
import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, MAX_NODES, payloadError, type TypedNode } from '../node.js';
import { formatPath } from '../path.js';
import { fitItem, valueOfItem } from './cbor-value.js';
import { packOf, readPack, type SenmlField } from './senml.js';

/** Records are maps in an array, with tags and decimal fractions in them. */
const LIMITS = { maxDepth: 8, maxItems: MAX_NODES * 20 };

/** Labels of fields, RFC 8428 §6 table 4; `vlo` has none and is written as it is. */
const LABELS: ReadonlyMap<string, number> = new Map([
  ['bver', -1],
  ['bn', -2],
  ['bt', -3],
  ['bu', -4],
  ['bv', -5],
  ['bs', -6],
  ['n', 0],
  ['u', 1],
  ['v', 2],
  ['vs', 3],
  ['vb', 4],
  ['s', 5],
  ['t', 6],
  ['ut', 7],
  ['vd', 8],
]);
const NAMES: ReadonlyMap<CborValue, string> = new Map([...LABELS].map(([name, label]) => [label, name]));

/** SenML CBOR, RFC 8428 §6 and LwM2M 1.1.1 Core §7.4.6. No bytes at all are a pack without records. */
export function decodeSenmlCbor(_base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  if (bytes.length === 0) return [];
  const pack = decode(bytes, LIMITS);
  if (!Array.isArray(pack)) throw payloadError('malformed', 'SenML is an array of records');
  return readPack((pack as readonly CborValue[]).map(recordFields), typeOf, fitItem);
}

function recordFields(record: CborValue): SenmlField[] {
  if (!(record instanceof Map)) throw payloadError('malformed', 'a record is a map');
  const fields: SenmlField[] = [];
  for (const [label, item] of record as CborMap) {
    const name = NAMES.get(label) ?? label;
    // Labels of integers that are not in the table are of extensions that need not be understood.
    if (typeof name === 'string') fields.push([name, valueOfItem(item)]);
  }
  return fields;
}

/** @throws FrameError when a path is not at or below `base`, or a value none of its type */
export function encodeSenmlCbor(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  return encode(packOf(base, nodes).map(recordItem));
}

function recordItem(fields: readonly SenmlField[]): CborMap {
  return new Map(fields.map(([name, value]) => [LABELS.get(name) ?? name, value as CborValue]));
}

/** Records that are names alone. */
export function encodeSenmlCborPaths(paths: readonly Lwm2mPath[]): Buffer {
  return encode(paths.map((path) => new Map([[LABELS.get('n') ?? 0, formatPath(path)]])));
}
