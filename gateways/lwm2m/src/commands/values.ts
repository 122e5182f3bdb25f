import {
  formatValue,
  type Lwm2mNode,
  type Lwm2mValue,
  valueFromJson as plainFromJson,
  type ResourceType,
} from '@portico/codec-lwm2m';
import type { Encoding } from './command.js';
import { CommandError } from './command-error.js';
import { JsonFloat, type JsonValue } from './exact-json.js';

/** `type` of a value in a command, by its name in lower case without blanks. */
const TYPE_NAMES: ReadonlyMap<string, ResourceType> = new Map([
  ['string', 'string'],
  ['integer', 'integer'],
  ['unsigned', 'unsigned'],
  ['unsignedinteger', 'unsigned'],
  ['float', 'float'],
  ['boolean', 'boolean'],
  ['opaque', 'opaque'],
  ['time', 'time'],
  ['objlnk', 'objlnk'],
  ['corelnk', 'corelnk'],
]);

/** What a command has to give for a value of each type. */
const EXPECTED: Readonly<Record<ResourceType, string>> = {
  string: 'a string',
  corelnk: 'a string',
  integer: 'an integer of 64 bits, as number or string',
  unsigned: 'an unsigned integer of 64 bits, as number or string',
  time: 'seconds since 1970, as number or string',
  float: 'a number',
  boolean: 'true or false',
  opaque: 'bytes as base64, or as hex with "encoding":"hex"',
  objlnk: 'an object link such as "3:0"',
  none: 'left out, since the resource is to be executed',
};

/** Booleans as numbers, which applications write as well. */
const BOOLEANS: ReadonlyMap<JsonValue, boolean> = new Map<JsonValue, boolean>([
  [1, true],
  [0, false],
]);

/** The type that a command names: `Integer`, `Unsigned Integer`; undefined for a name that is none. */
export function typeNamed(name: string): ResourceType | undefined {
  return TYPE_NAMES.get(name.toLowerCase().replaceAll(' ', ''));
}

/** What a value is whose type neither the command nor an object definition tells. */
export function guessedType(value: JsonValue): ResourceType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return value < 2n ** 63n ? 'integer' : 'unsigned';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  return 'string';
}

/**
 * A value from a command.
 * @throws CommandError for one that the type does not have
 */
export function valueFromJson(value: JsonValue, type: ResourceType, encoding: Encoding): Lwm2mValue {
  const read = type === 'none' ? undefined : readValue(value, type, encoding);
  if (read === undefined) throw new CommandError(`a value of type ${type} has to be ${EXPECTED[type]}`);
  return read;
}

function readValue(value: JsonValue, type: ResourceType, encoding: Encoding): Lwm2mValue | undefined {
  if (type === 'opaque' && encoding === 'hex') return bytesOfHex(value);
  if (type === 'boolean') return BOOLEANS.get(value) ?? plainFromJson(type, value);
  return plainFromJson(type, value);
}

function bytesOfHex(value: JsonValue): Buffer | undefined {
  const isHex = typeof value === 'string' && value.length % 2 === 0 && /^[\da-f]*$/i.test(value);
  return isHex ? Buffer.from(value, 'hex') : undefined;
}

/** A value from a device, for an answer. @param type undefined where no definition tells it */
export function valueToJson(
  { value }: Lwm2mNode,
  type: ResourceType | undefined,
  encoding: Encoding,
): JsonValue {
  if (Buffer.isBuffer(value)) return value.toString(encoding);
  if (typeof value === 'number' && Number.isFinite(value)) {
    return type === 'float' ? new JsonFloat(value) : value;
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return value;
  return formatValue(value);
}
