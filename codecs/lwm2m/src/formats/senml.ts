/** What SenML JSON and SenML CBOR have in common: the fields of RFC 8428 §4, and `vlo` of LwM2M 1.1.1 Core §7.4.5. */

import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, payloadError, type TypedNode } from '../node.js';
import { formatPath, isWithin } from '../path.js';
import { formatValue, type Lwm2mValue, parseBase64, parseObjectLink } from '../value.js';
import { type Fit, RecordResolver, type ValueRecord } from './records.js';
import { fittedValue } from './single.js';

/** A field of a record by its name in JSON. */
export type SenmlField = readonly [name: string, value: unknown];

/** The version of SenML that this is; records of a later one cannot be read (RFC 8428 §4.4). */
const SENML_VERSION = 10;

/** Puts a field into a record. @returns whether the field holds what it has to */
type Setter = (record: ValueRecord, value: unknown) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isFiniteNumber = (value: unknown): value is number => Number.isFinite(value);
const isNumber = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

/** A field that goes into the record as it is. */
function setter<Key extends keyof ValueRecord>(
  key: Key,
  is: (value: unknown) => value is NonNullable<ValueRecord[Key]>,
): Setter {
  return (record, value) => {
    if (!is(value)) return false;
    record[key] = value;
    return true;
  };
}

/** One of the value fields, of which a record has one; null is a value of 1.2. */
function valueSetter(read: (value: unknown) => Lwm2mValue | undefined): Setter {
  return (record, value) => {
    const one = value === null ? null : read(value);
    if (one === undefined || record.value !== undefined) return false;
    record.value = one;
    return true;
  };
}

/** Fields that count; units (`u`, `bu`), sums (`s`, `bs`) and `ut` mean nothing to LwM2M. */
const SETTERS: ReadonlyMap<string, Setter> = new Map([
  ['bn', setter('baseName', isText)],
  ['bt', setter('baseTime', isFiniteNumber)],
  ['bv', setter('baseValue', isNumber)],
  ['bver', (_record, version) => isFiniteNumber(version) && version <= SENML_VERSION],
  ['n', setter('name', isText)],
  ['t', setter('time', isFiniteNumber)],
  ['v', valueSetter((value) => (isNumber(value) ? value : undefined))],
  ['vs', valueSetter((value) => (isText(value) ? value : undefined))],
  ['vb', valueSetter((value) => (typeof value === 'boolean' ? value : undefined))],
  ['vd', valueSetter((value) => (isText(value) ? parseBase64(value) : bytesOf(value)))],
  ['vlo', valueSetter((value) => (isText(value) ? parseObjectLink(value) : undefined))],
]);

function bytesOf(value: unknown): Buffer | undefined {
  return Buffer.isBuffer(value) ? value : undefined;
}

/**
 * Reads a pack: records, each of which is its fields.
 * @throws FrameError with a {@link PayloadErrorCode}
 */
export function readPack(pack: Iterable<Iterable<SenmlField>>, typeOf: TypeOf, fit?: Fit): Lwm2mNode[] {
  const resolver = new RecordResolver(typeOf, fit);
  for (const fields of pack) resolver.add(readRecord(fields));
  return resolver.nodes;
}

function readRecord(fields: Iterable<SenmlField>): ValueRecord {
  const record: ValueRecord = {};
  for (const [name, value] of fields) {
    const set = SETTERS.get(name);
    // RFC 8428 §4.4: who does not know a field with such a name must not read the record.
    if (set === undefined ? name.endsWith('_') : !set(record, value)) {
      throw payloadError('malformed', 'a record with a field that cannot be read');
    }
  }
  return record;
}

/** What a pack of values is: records, each of which is its fields, with the common part of their paths in the first. */
export function packOf(base: Lwm2mPath, nodes: readonly TypedNode[]): SenmlField[][] {
  const common = commonPath(nodes);
  const prefix = common.length === 0 ? '' : formatPath(common);
  return nodes.map((node, at) => {
    const { path, time } = node;
    if (path.length < 3 || !isWithin(path, base)) throw payloadError('wrong_path', 'a value of another path');
    const fields: SenmlField[] = [];
    const name = path.slice(common.length).join('/');
    if (at === 0 && prefix !== '') fields.push(['bn', name === '' ? prefix : `${prefix}/`]);
    if (name !== '') fields.push(['n', prefix === '' ? `/${name}` : name]);
    if (time !== undefined) fields.push(['t', time]);
    fields.push(valueField(node));
    return fields;
  });
}

function valueField(node: TypedNode): SenmlField {
  if (node.value === null) return ['v', null];
  const value = fittedValue(node);
  switch (typeof value) {
    case 'string':
      return ['vs', value];
    case 'boolean':
      return ['vb', value];
    case 'object':
      return Buffer.isBuffer(value) ? ['vd', value] : ['vlo', formatValue(value)];
    default:
      return ['v', value];
  }
}

/** What all paths begin with: the whole of it where there is only one, otherwise less than any of them. */
function commonPath(nodes: readonly TypedNode[]): Lwm2mPath {
  const [first] = nodes;
  if (first === undefined) return [];
  let length = first.path.length;
  for (const { path } of nodes) {
    while (!isWithin(path, first.path.slice(0, length))) length--;
  }
  const same = nodes.every(({ path }) => path.length === length);
  return first.path.slice(0, same ? length : Math.min(length, 2));
}
