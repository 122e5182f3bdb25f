import { CborTag, type CborValue, decode, encode } from '@portico/codec-cbor';
import type { Lwm2mPath, ResourceType, TypeOf } from '../model/types.js';
import { type Lwm2mNode, payloadError, readNode, type TypedNode } from '../node.js';
import { formatValue, isObjectLink, type Lwm2mValue } from '../value.js';
import { fitItem, valueOfItem } from './cbor-value.js';
import { fittedValue, singleNode, singlePath } from './single.js';

/** One value: a tag or two, and in a decimal fraction an array. */
const LIMITS = { maxDepth: 4, maxItems: 64 };
/** Tag of seconds since 1970, RFC 8949 §3.4.2. */
const EPOCH_TIME = 1;

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
  return encode(node.value === null ? null : itemOf(node.type, fittedValue(node)));
}

function itemOf(type: ResourceType, value: Lwm2mValue): CborValue {
  if (type === 'time') return new CborTag(EPOCH_TIME, value as CborValue);
  return isObjectLink(value) ? formatValue(value) : value;
}
