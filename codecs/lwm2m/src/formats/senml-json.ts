import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, MAX_NODES, payloadError, type TypedNode } from '../node.js';
import { formatPath } from '../path.js';
import { type JsonObject, type JsonValue, readJson } from './json-reader.js';
import { writeJsonObject } from './json-writer.js';
import { packOf, readPack } from './senml.js';

/** Records are objects in an array; LwM2M has nothing deeper, but a field that it does not know may. */
const LIMITS = { maxDepth: 8, maxValues: MAX_NODES * 12 };

/** SenML JSON, RFC 8428 §5 and LwM2M 1.1.1 Core §7.4.5. No bytes at all are a pack without records. */
export function decodeSenmlJson(_base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  if (bytes.length === 0) return [];
  const pack = readJson(bytes, LIMITS);
  if (!Array.isArray(pack)) throw payloadError('malformed', 'SenML is an array of records');
  return readPack((pack as readonly JsonValue[]).map(recordFields), typeOf);
}

function recordFields(record: JsonValue): JsonObject {
  if (!(record instanceof Map)) throw payloadError('malformed', 'a record is an object');
  return record as JsonObject;
}

/** @throws FrameError when a path is not at or below `base`, a value none of its type, or a number not finite */
export function encodeSenmlJson(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  const records = packOf(base, nodes).map((fields) => writeJsonObject(fields, 'base64url'));
  return Buffer.from(`[${records.join(',')}]`, 'utf8');
}

/** Records that are names alone. */
export function encodeSenmlJsonPaths(paths: readonly Lwm2mPath[]): Buffer {
  return Buffer.from(JSON.stringify(paths.map((path) => ({ n: formatPath(path) }))), 'utf8');
}
