import { isUtf8 } from 'node:buffer';
import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, payloadError, readNode, type TypedNode } from '../node.js';
import { formatValue, parseValue } from '../value.js';
import { fittedValue, singleNode, singlePath } from './single.js';

/** Plain text, LwM2M 1.1.1 Core §7.4.1: the text form of one value. */
export function decodeText(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  const path = singlePath(base);
  if (!isUtf8(bytes)) throw payloadError('malformed', 'text that is not UTF-8');
  const text = bytes.toString('utf8');
  const type = typeOf(path)?.type ?? 'none';
  return [readNode(path, type === 'none' ? undefined : parseValue(type, text), text)];
}

/** @throws FrameError unless there is exactly one node, with a value that is finite */
export function encodeText(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  const value = fittedValue(singleNode(base, nodes));
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw payloadError('unsuitable', 'plain text holds finite numbers only');
  }
  return Buffer.from(formatValue(value), 'utf8');
}
