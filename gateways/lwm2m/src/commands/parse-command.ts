import { formatPath, type Lwm2mPath, parsePath, type TypedNode, type TypeOf } from '@portico/codec-lwm2m';
import { firmwareObject } from '../firmware/firmware-objects.js';
import type { Attribute, Command, Encoding, Operation, PackageSource } from './command.js';
import { CommandError } from './command-error.js';
import { isJsonObject, type JsonObject, type JsonValue, jsonText, parseJson } from './exact-json.js';
import { guessedType, typeNamed, valueFromJson } from './values.js';

/** Paths, or values, that one command may name. */
export const MAX_ITEMS = 1000;

/** Characters of all fields but `data` together, as JSON: answers and notifications repeat them. */
const MAX_FIELDS_LENGTH = 1024;

/** What a command is read with. */
interface Reading {
  readonly data: JsonObject;
  readonly encoding: Encoding;
  readonly typeOf: TypeOf;
}

type ReadOperation = (reading: Reading) => Operation;

/** How `data` of each `msgType` is read. */
const OPERATIONS: ReadonlyMap<JsonValue | undefined, ReadOperation> = new Map<
  JsonValue | undefined,
  ReadOperation
>([
  ['read', ({ data }) => ({ type: 'read', path: pathOf(data, 'path', 1, 4) })],
  ['discover', ({ data }) => ({ type: 'discover', path: pathOf(data, 'path', 1, 3) })],
  ['write', writeOf],
  ['write-attr', writeAttributesOf],
  ['execute', executeOf],
  ['create', createOf],
  ['delete', deleteOf],
  ['observe', ({ data }) => ({ type: 'observe', path: pathOf(data, 'path', 1, 4) })],
  ['cancel-observe', ({ data }) => ({ type: 'cancel-observe', path: pathOf(data, 'path', 1, 4) })],
  ['read-composite', ({ data }) => ({ type: 'read-composite', paths: pathsOf(data) })],
  ['write-composite', writeCompositeOf],
  ['observe-composite', ({ data }) => ({ type: 'observe-composite', paths: pathsOf(data) })],
  ['cancel-observe-composite', ({ data }) => ({ type: 'cancel-observe-composite', paths: pathsOf(data) })],
  ['firmware', firmwareOf],
]);

/** Operations that can be asked for with a list of paths, and are then carried out for one after the other. */
const FOR_EACH_PATH: ReadonlySet<JsonValue | undefined> = new Set([
  'read',
  'discover',
  'delete',
  'observe',
  'cancel-observe',
]);

/** `mode` of a Write to an object instance, LwM2M 1.2 §6.3.3. */
const WRITE_MODES: ReadonlyMap<JsonValue | undefined, { readonly partial: boolean }> = new Map([
  ['update', { partial: true }],
  ['replace', { partial: false }],
]);

/** Attributes of Write-Attributes, LwM2M 1.2 §5.1.2, in the order in which they are sent. */
const ATTRIBUTES = ['pmin', 'pmax', 'gt', 'lt', 'st', 'epmin', 'epmax', 'edge', 'con', 'hqmax'] as const;

/** The JSON of a command, as far as it can be read without knowing what it asks for. */
export interface CommandText {
  /** What the answer repeats: all fields but `data`. */
  readonly fields: JsonObject;
  readonly data: JsonValue | undefined;
}

/**
 * The first step, which finds `reqID` for an answer even where the rest is wrong.
 * @throws SyntaxError for what is no JSON object, or has more beside `data` than is to be repeated
 */
export function readCommandText(payload: string): CommandText {
  const value = parseJson(payload);
  if (!isJsonObject(value)) throw new SyntaxError('not a JSON object');
  const { data, ...fields } = value;
  if (jsonText(fields).length > MAX_FIELDS_LENGTH) {
    throw new SyntaxError(`more than ${MAX_FIELDS_LENGTH} characters beside data`);
  }
  return { fields, data };
}

/**
 * One text for each path where a command has a list of `paths`, and each is asked for by itself.
 * @throws CommandError for a list of too many
 */
export function eachCommandText(text: CommandText): CommandText[] {
  const { fields, data } = text;
  if (!FOR_EACH_PATH.has(fields.msgType) || !isJsonObject(data) || data.paths === undefined) return [text];
  return listOf(data, 'paths').map((path) => ({ fields, data: { path } }));
}

/** What {@link readCommandText} makes the same of. */
export function textOfCommand({ fields, data }: CommandText): string {
  return jsonText({ ...fields, data });
}

/**
 * The last step.
 * @param typeOf of the device, for values that come without a type
 * @throws CommandError for an unknown `msgType`, missing data, a wrong path or value
 */
export function readCommand({ fields, data }: CommandText, typeOf: TypeOf): Command {
  const read = OPERATIONS.get(fields.msgType);
  if (read === undefined) {
    throw new CommandError(`msgType has to be one of ${[...OPERATIONS.keys()].join(', ')}`);
  }
  if (!isJsonObject(data)) throw new CommandError('data has to be an object');
  const encoding = encodingOf(fields);
  const operation = read({ data, encoding, typeOf });
  return { fields, data, reqPath: requestPathOf(data), encoding, operation };
}

/** What an answer to a command with these data names as its path, also when they are wrong. */
export function requestPathOf(data: JsonValue | undefined): JsonValue {
  if (!isJsonObject(data)) return null;
  return data.basePath ?? data.path ?? data.paths ?? (data.content === undefined ? null : '/');
}

function encodingOf({ encoding }: JsonObject): Encoding {
  if (encoding === undefined || encoding === 'plain' || encoding === 'base64') return 'base64';
  if (encoding === 'hex') return 'hex';
  throw new CommandError('encoding has to be hex, base64 or plain');
}

// Operations

function writeOf(reading: Reading): Operation {
  const { data } = reading;
  if (data.basePath === undefined) {
    const path = pathOf(data, 'path', 3, 4);
    return { type: 'write', path, nodes: [nodeOf(reading, path, data)], partial: false };
  }
  const path = pathOf(data, 'basePath', 2, 3);
  return { type: 'write', path, nodes: contentOf(reading, path), partial: writeModeOf(data, path) };
}

/** An instance is updated unless it says otherwise; a resource with several instances is always replaced. */
function writeModeOf({ mode }: JsonObject, path: Lwm2mPath): boolean {
  if (mode === undefined) return path.length === 2;
  const written = WRITE_MODES.get(mode);
  if (written === undefined) throw new CommandError('mode has to be update or replace');
  return written.partial;
}

function writeAttributesOf({ data }: Reading): Operation {
  const attributes: Attribute[] = [];
  for (const name of ATTRIBUTES) {
    const value = data[name];
    if (value !== undefined && value !== null) attributes.push([name, attributeText(name, value)]);
  }
  if (attributes.length === 0) throw new CommandError(`data needs one of ${ATTRIBUTES.join(', ')}`);
  return { type: 'write-attr', path: pathOf(data, 'path', 1, 4), attributes };
}

function attributeText(name: string, value: JsonValue): string {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return String(number);
  throw new CommandError(`${name} has to be a number`);
}

/** `undefined` stands for no arguments, as EMQX 4 has it. */
function executeOf({ data }: Reading): Operation {
  const { args } = data;
  if (args !== undefined && args !== null && typeof args !== 'string') {
    throw new CommandError('args has to be a string');
  }
  const path = pathOf(data, 'path', 3, 3);
  return {
    type: 'execute',
    path,
    args: args === undefined || args === null || args === 'undefined' ? '' : args,
  };
}

/** The paths of the content begin with the id of the new instance, or all are of resources: then the device chooses. */
function createOf(reading: Reading): Operation {
  const path = pathOf(reading.data, 'basePath', 1, 1);
  const items = reading.data.content === undefined ? [] : itemsOf(reading.data);
  const relative = items.map((item) => pathOf(item, 'path', 1, 3));
  const unnamed = relative.every(({ length }) => length === 1);
  const instances = new Set(relative.map(([first]) => first));
  if (!unnamed && instances.size > 1) throw new CommandError('content has to be of one object instance');
  const [instance] = unnamed ? [] : instances;
  const base = unnamed ? [...path, 0] : path;
  const nodes = items.map((item, at) => nodeOf(reading, [...base, ...(relative[at] ?? [])], item));
  if (nodes.some((node) => node.path.length < 3)) throw new CommandError('content has to be of resources');
  return { type: 'create', path, nodes, instance };
}

function deleteOf({ data }: Reading): Operation {
  const path = pathOf(data, 'path', 2, 4);
  if (path.length === 3) throw new CommandError('a resource cannot be deleted');
  return { type: 'delete', path };
}

function writeCompositeOf(reading: Reading): Operation {
  const { data } = reading;
  const base = data.basePath === undefined ? [] : pathOf(data, 'basePath', 0, 3);
  const nodes = contentOf(reading, base);
  if (nodes.some((node) => node.path.length < 3)) throw new CommandError('content has to be of resources');
  return { type: 'write-composite', nodes };
}

function firmwareOf({ data, encoding }: Reading): Operation {
  const path = pathOf(data, 'path', 2, 2);
  const object = firmwareObject(path);
  if (object === undefined) throw new CommandError('path has to be of an instance of object 5 or 9');
  const { mode = 'push' } = data;
  if (mode !== 'push' && mode !== 'pull') throw new CommandError('mode has to be push or pull');
  return { type: 'firmware', path, object, source: packageOf(data, encoding), mode };
}

function packageOf({ url, value }: JsonObject, encoding: Encoding): PackageSource {
  if (typeof url === 'string' && value === undefined) return { url };
  if (url !== undefined || value === undefined) throw new CommandError('data needs either url or value');
  const bytes = valueFromJson(value, 'opaque', encoding);
  if (Buffer.isBuffer(bytes) && bytes.length > 0) return { bytes };
  throw new CommandError('the package is empty');
}

// Parts of the data

function contentOf(reading: Reading, base: Lwm2mPath): TypedNode[] {
  const nodes = itemsOf(reading.data).map((item) => {
    const path = [...base, ...pathOf(item, 'path', 1, 4)];
    if (path.length > 4) throw new CommandError(`${formatPath(path)} has more than four levels`);
    return nodeOf(reading, path, item);
  });
  return nodes;
}

function itemsOf(data: JsonObject): JsonObject[] {
  return listOf(data, 'content').map((item) => {
    if (isJsonObject(item)) return item;
    throw new CommandError('content has to hold objects with path and value');
  });
}

function nodeOf({ encoding, typeOf }: Reading, path: Lwm2mPath, item: JsonObject): TypedNode {
  const { type: named, value } = item;
  if (value === undefined) throw new CommandError(`there is no value for ${formatPath(path)}`);
  const type = named === undefined ? (typeOf(path)?.type ?? guessedType(value)) : typeOfName(named);
  return { path, type, value: valueFromJson(value, type, encoding) };
}

function typeOfName(name: JsonValue) {
  const type = typeof name === 'string' ? typeNamed(name) : undefined;
  if (type !== undefined) return type;
  throw new CommandError(
    'type has to be one of String, Integer, Unsigned, Float, Boolean, Opaque, Time, Objlnk, Corelnk',
  );
}

function pathsOf(data: JsonObject): Lwm2mPath[] {
  return listOf(data, 'paths').map((path) => pathOf({ path }, 'path', 1, 4));
}

/** @param min levels that the path must have at least, `max` at most */
function pathOf(data: JsonObject, key: 'path' | 'basePath', min: number, max: number): Lwm2mPath {
  const text = data[key];
  const path = typeof text === 'string' ? parsePath(text) : undefined;
  if (path !== undefined && path.length >= min && path.length <= max) return path;
  const levels = min === max ? `${min}` : `${min} to ${max}`;
  throw new CommandError(`${key} has to be a path of ${levels} ids from 0 to 65534, such as "/3/0/1"`);
}

function listOf(data: JsonObject, key: 'paths' | 'content'): readonly JsonValue[] {
  const list = data[key];
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_ITEMS) {
    throw new CommandError(`${key} has to be a list of 1 to ${MAX_ITEMS}`);
  }
  return list;
}
