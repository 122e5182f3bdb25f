/** What the formats of one value (text, opaque, CBOR) have in common. */

import type { Lwm2mPath } from '../model/types.js';
import { payloadError, type TypedNode } from '../node.js';
import { isWithin } from '../path.js';
import { fitValue, type Lwm2mValue } from '../value.js';

/** @throws FrameError unless a path is one of a resource or resource instance */
export function singlePath(base: Lwm2mPath): Lwm2mPath {
  if (base.length < 3) throw payloadError('not_single', 'one value, but not of one resource');
  return base;
}

/** The one node that there is, which has to be at the path of the request. @throws FrameError otherwise */
export function singleNode(base: Lwm2mPath, nodes: readonly TypedNode[]): TypedNode {
  const [node] = nodes;
  if (node === undefined || nodes.length > 1) throw payloadError('not_single', 'the format holds one value');
  if (node.path.length !== base.length || !isWithin(node.path, base)) {
    throw payloadError('wrong_path', 'a value of another path');
  }
  return node;
}

/** The value of a node as one of its type. @throws FrameError when it is none */
export function fittedValue(node: TypedNode): Lwm2mValue {
  const value = node.value === null ? undefined : fitValue(node.type, node.value);
  if (value === undefined) throw payloadError('wrong_type', `no value of type ${node.type}`);
  return value;
}
