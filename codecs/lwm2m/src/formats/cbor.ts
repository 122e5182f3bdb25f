import { decode, encode } from '@portico/codec-cbor';
import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, payloadError, readNode, type TypedNode } from '../node.js';
import { fitItem, itemOfValue, valueOfItem } from './cbor-value.js';
import { fittedValue, singleNode, singlePath } from './single.js';

/** One value: a tag or two, and in a decimal fraction an array. */
const LIMITS = { maxDepth: 4, maxItems: 64 };

/** CBOR, LwM2M 1.1.1 Core §7.4.3: one value. */
export function decodeCbor(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  const path = singlePath(base);
  const value = valueOfItem(decode(bytes, LIMITS));
  if (value === undefined) throw payloadError('malformed', 'a data item that is no value');
  if (value === null) return [{ path, value }];
  const type = typeOf(path)?.type ?? 'none';
  return [readNode(path, type === 'none' ? undefined : fitItem(type, value), value)];
}

/** @throws FrameError unless there is exactly one node */
export function encodeCbor(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  const node = singleNode(base, nodes);
  return encode(node.value === null ? null : itemOfValue(node.type, fittedValue(node)));
}
