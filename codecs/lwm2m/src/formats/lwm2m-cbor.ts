import { type CborMap, type CborValue, decode, encode } from '@portico/codec-cbor';
import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, MAX_NODES, payloadError, readNode, type TypedNode } from '../node.js';
import { isWithin, MAX_ID } from '../path.js';
import { fitItem, itemOfValue, valueOfItem } from './cbor-value.js';
import { byIdAt } from './grouping.js';
import { fittedValue } from './single.js';

/** Four maps in one another, with arrays as keys, and tags and decimal fractions as values. */
const LIMITS = { maxDepth: 8, maxItems: MAX_NODES * 20 };
const MAX_PATH_LENGTH = 4;

/** LwM2M CBOR, LwM2M 1.2 Core §7.4.4: maps in maps, of which the keys are ids or arrays of ids. */
export function decodeLwm2mCbor(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  const map = decode(bytes, LIMITS);
  if (!(map instanceof Map)) throw payloadError('malformed', 'LwM2M CBOR is a map');
  const nodes: Lwm2mNode[] = [];
  collect(map as CborMap, [], base, typeOf, nodes);
  return nodes;
}

/** Adds the values in a map to `nodes`. @param prefix the ids around the map */
function collect(map: CborMap, prefix: Lwm2mPath, base: Lwm2mPath, typeOf: TypeOf, nodes: Lwm2mNode[]): void {
  for (const [key, item] of map) {
    const path = [...prefix, ...idsOf(key)];
    if (path.length > MAX_PATH_LENGTH) throw payloadError('wrong_path', 'a path of more than four ids');
    if (item instanceof Map) {
      collect(item as CborMap, path, base, typeOf, nodes);
      continue;
    }
    if (nodes.length === MAX_NODES) throw payloadError('too_many', 'too many values');
    if (path.length < 3 || !isWithin(path, base)) throw payloadError('wrong_path', 'a value of another path');
    nodes.push(nodeOf(path, item, typeOf));
  }
}

function idsOf(key: CborValue): readonly number[] {
  const ids = Array.isArray(key) ? (key as readonly CborValue[]) : [key];
  if (ids.length === 0 || !ids.every(isId)) throw payloadError('wrong_path', 'a key that is no path');
  return ids;
}

function isId(value: CborValue): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_ID;
}

function nodeOf(path: Lwm2mPath, item: CborValue, typeOf: TypeOf): Lwm2mNode {
  const value = valueOfItem(item);
  if (value === undefined) throw payloadError('malformed', 'a data item that is no value');
  if (value === null) return { path, value };
  const type = typeOf(path)?.type ?? 'none';
  return readNode(path, type === 'none' ? undefined : fitItem(type, value), value);
}

/** @throws FrameError when a path is not at or below `base`, is there twice, or a value is none of its type */
export function encodeLwm2mCbor(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  for (const { path } of nodes) {
    if (path.length < 3 || !isWithin(path, base)) throw payloadError('wrong_path', 'a value of another path');
  }
  return encode(mapOf(nodes, 0));
}

/** @param depth number of ids that the nodes have in common */
function mapOf(nodes: readonly TypedNode[], depth: number): CborMap {
  const map = new Map<CborValue, CborValue>();
  for (const [id, members] of byIdAt(depth, nodes)) map.set(id, itemOf(members, depth + 1));
  return map;
}

function itemOf(nodes: readonly TypedNode[], depth: number): CborValue {
  const [first] = nodes;
  if (nodes.every(({ path }) => path.length > depth)) return mapOf(nodes, depth);
  if (first === undefined || nodes.length > 1) {
    throw payloadError('wrong_path', 'a resource with two values that are not of its instances');
  }
  return first.value === null ? null : itemOfValue(first.type, fittedValue(first));
}
