import type { Lwm2mPath, ResourceType, TypeOf } from '../model/types.js';
import { type Lwm2mNode, MAX_NODES, payloadError, type TypedNode } from '../node.js';
import { formatPath } from '../path.js';
import { fitValue, type Lwm2mValue, parseBase64 } from '../value.js';
import { type JsonObject, type JsonValue, readJson } from './json-reader.js';
import { writeJsonObject } from './json-writer.js';
import { packOf, readPack, type SenmlField } from './senml.js';

/** An object, its array of elements, and those; a field that nobody knows may be deeper. */
const LIMITS = { maxDepth: 8, maxValues: MAX_NODES * 8 };

/** What SenML calls the fields of an element, LwM2M 1.0.2 §6.4.4. */
const SENML_NAMES: ReadonlyMap<string, string> = new Map([
  ['n', 'n'],
  ['t', 't'],
  ['v', 'v'],
  ['bv', 'vb'],
  ['ov', 'vlo'],
  ['sv', 'vs'],
]);
const VALUES: ReadonlySet<string> = new Set(['v', 'vb', 'vlo', 'vs']);
/** What an element calls the fields of SenML. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ...[...SENML_NAMES].map(([name, senml]) => [senml, name] as const),
  ['vd', 'sv'],
]);

/**
 * LwM2M JSON, LwM2M 1.0.2 §6.4.4: names are relative to the base name, or without one to the path that was asked
 * for.
 */
export function decodeJson(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  const payload = readJson(bytes, LIMITS);
  const elements = payload instanceof Map ? payload.get('e') : undefined;
  if (!Array.isArray(elements)) throw payloadError('malformed', 'LwM2M JSON is an object with an array e');
  const bases = baseFields(payload as JsonObject, base);
  const pack = (elements as readonly JsonValue[]).map((element) => [...bases, ...elementFields(element)]);
  return readPack(pack, typeOf, fitString);
}

function baseFields(payload: JsonObject, base: Lwm2mPath): SenmlField[] {
  const asked = base.length === 0 ? '/' : `${formatPath(base)}/`;
  return [
    ['bn', payload.get('bn') ?? asked],
    ['bt', payload.get('bt') ?? 0],
  ];
}

function elementFields(element: JsonValue): SenmlField[] {
  if (!(element instanceof Map)) throw payloadError('malformed', 'an element is an object');
  const fields: SenmlField[] = [];
  let values = 0;
  for (const [key, value] of element as JsonObject) {
    const name = SENML_NAMES.get(key);
    if (name === undefined) continue;
    fields.push([name, value]);
    if (VALUES.has(name) && value !== null) values++;
  }
  if (values !== 1) throw payloadError('malformed', 'an element has one value');
  return fields;
}

/** As `fitValue`, with Opaque as Base64. */
function fitString(type: ResourceType, value: Lwm2mValue): Lwm2mValue | undefined {
  return type === 'opaque' && typeof value === 'string' ? parseBase64(value) : fitValue(type, value);
}

/** @throws FrameError when a path is not at or below `base`, a value none of its type, or a number not finite */
export function encodeJson(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  if (nodes.some(({ value }) => value === null)) throw payloadError('unsuitable', 'LwM2M JSON has no null');
  const pack = packOf(base, nodes);
  const elements = pack.map((fields) => writeJsonObject(fields.flatMap(elementField), 'base64'));
  const [name, baseName] = pack[0]?.[0] ?? [];
  const head = name === 'bn' ? `"bn":${JSON.stringify(baseName)},` : '';
  return Buffer.from(`{${head}"e":[${elements.join(',')}]}`, 'utf8');
}

function elementField([senml, value]: SenmlField): SenmlField[] {
  const name = NAMES.get(senml);
  return name === undefined ? [] : [[name, value]];
}
