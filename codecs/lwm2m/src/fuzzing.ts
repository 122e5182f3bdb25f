/** What the fuzz targets of this package have in common. */

import { isFrameError } from '@portico/frame';
import { type Lwm2mPath, RESOURCE_TYPES, type TypeOf } from './model/types.js';
import type { Lwm2mNode, TypedNode } from './node.js';
import { decodePayload, encodePayload } from './payload.js';

/** What may have been asked for. */
const BASES: readonly Lwm2mPath[] = [[], [3], [65, 0], [3, 0, 6], [3, 0, 6, 1]];

/** A type for each resource id, and for one in eleven none. */
const typeOf: TypeOf = ([, , resource = 0]) => {
  const type = RESOURCE_TYPES[resource % (RESOURCE_TYPES.length + 1)];
  return type === undefined ? undefined : { type, multiple: false };
};

/**
 * Whatever the bytes are, a format either refuses them with a FrameError or reads nodes, which are the same when
 * they have been written, read and written again.
 * @returns whether the bytes were a payload for one of several paths
 * @throws anything that it throws is a bug of the codec
 */
export function fuzzFormat(format: number, bytes: Buffer): boolean {
  const sound = BASES.filter((base) => fuzzAt(format, base, bytes));
  return sound.length > 0;
}

function fuzzAt(format: number, base: Lwm2mPath, bytes: Buffer): boolean {
  const nodes = orRefuse(() => decodePayload(format, base, bytes, typeOf));
  if (nodes === undefined) return false;
  // Several values of one resource, and those of other objects than the one asked for, are read but not written.
  const written = orRefuse(() => encodePayload(format, base, typed(nodes)), 'wrong_path');
  if (written === undefined) return true;
  const again = encodePayload(format, base, typed(decodePayload(format, base, written, typeOf)));
  if (!again.equals(written)) {
    throw new Error(`${written.toString('hex')} was written back as ${again.toString('hex')}`);
  }
  return true;
}

function typed(nodes: readonly Lwm2mNode[]): TypedNode[] {
  return nodes.map((node) => ({ ...node, type: node.raw ? 'none' : (typeOf(node.path)?.type ?? 'none') }));
}

/** What a function returns, undefined for a FrameError. @param code the only one that it may have */
export function orRefuse<T>(run: () => T, code?: string): T | undefined {
  try {
    return run();
  } catch (error) {
    if (isFrameError(error) && (code === undefined || error.code === code)) return undefined;
    throw error;
  }
}
