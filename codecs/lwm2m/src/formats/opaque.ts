import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, payloadError, rawNode, type TypedNode } from '../node.js';
import { fittedValue, singleNode, singlePath } from './single.js';

/** Opaque, LwM2M 1.1.1 Core §7.4.2: the bytes of one value. */
export function decodeOpaque(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  const path = singlePath(base);
  const value = Buffer.from(bytes);
  return [typeOf(path)?.type === 'opaque' ? { path, value } : rawNode(path, value)];
}

/** @throws FrameError unless there is exactly one node, with a value of bytes */
export function encodeOpaque(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  const value = fittedValue(singleNode(base, nodes));
  if (!Buffer.isBuffer(value)) throw payloadError('unsuitable', 'the opaque format holds bytes only');
  return Buffer.from(value);
}
