import { MAX_ID } from '../path.js';
import { ObjectXmlError } from './object-xml-error.js';
import {
  type ObjectDefinition,
  RESOURCE_OPERATIONS,
  type ResourceDefinition,
  type ResourceOperations,
  type ResourceType,
} from './types.js';
import { isVersion } from './version.js';
import { parseXml, type XmlElement } from './xml-tree.js';

/** What an object has that names no version (LwM2M 1.2 Core §7.2.2). */
const INITIAL_VERSION = '1.0';

const INSTANCES = { Single: false, Multiple: true } as const;
const MANDATORY = { Mandatory: true, Optional: false } as const;
const OPERATIONS = Object.fromEntries(RESOURCE_OPERATIONS.map((name) => [name, name])) as Readonly<
  Record<ResourceOperations, ResourceOperations>
>;
const TYPES = {
  String: 'string',
  Integer: 'integer',
  'Unsigned Integer': 'unsigned',
  Float: 'float',
  Boolean: 'boolean',
  Opaque: 'opaque',
  Time: 'time',
  Objlnk: 'objlnk',
  Corelnk: 'corelnk',
  '': 'none',
} as const satisfies Readonly<Record<string, ResourceType>>;

/**
 * Reads an object definition file as the OMA LwM2M registry has them (LwM2M 1.2 Core appendix D, schemas
 * LWM2M.xsd and LWM2M-v1_1.xsd). Descriptions are left out. A file holds one object; the schema allows more.
 *
 * An object without `<ObjectVersion>` or `<LWM2MVersion>` is of version 1.0.
 * @throws ObjectXmlError for whatever else is missing or wrong, with its line
 */
export function parseObjectXml(text: string): readonly ObjectDefinition[] {
  const root = parseXml(text);
  if (root.name !== 'LWM2M') {
    throw new ObjectXmlError(root.line, `no object definition: the root is <${root.name}>, not <LWM2M>`);
  }
  const objects = root.elements.filter(({ name }) => name === 'Object');
  if (objects.length === 0) throw new ObjectXmlError(root.line, '<LWM2M> has no <Object>');
  return objects.map(readObject);
}

function readObject(object: XmlElement): ObjectDefinition {
  return {
    id: readId(required(object, 'ObjectID')),
    name: readName(object),
    version: readVersion(object, 'ObjectVersion'),
    lwm2mVersion: readVersion(object, 'LWM2MVersion'),
    multiple: oneOf(INSTANCES, required(object, 'MultipleInstances')),
    mandatory: oneOf(MANDATORY, required(object, 'Mandatory')),
    resources: readResources(required(object, 'Resources')),
  };
}

function readResources(resources: XmlElement): Map<number, ResourceDefinition> {
  const byId = new Map<number, ResourceDefinition>();
  for (const item of resources.elements) {
    if (item.name !== 'Item') continue;
    const resource = readResource(item);
    if (byId.has(resource.id)) {
      throw new ObjectXmlError(item.line, `the resource ${resource.id} stands here a second time`);
    }
    byId.set(resource.id, resource);
  }
  return byId;
}

function readResource(item: XmlElement): ResourceDefinition {
  return {
    id: parseId(item.attributes.ID ?? '', item.line, 'the ID of <Item>'),
    name: readName(item),
    operations: oneOf(OPERATIONS, required(item, 'Operations')),
    multiple: oneOf(INSTANCES, required(item, 'MultipleInstances')),
    mandatory: oneOf(MANDATORY, required(item, 'Mandatory')),
    type: oneOf(TYPES, required(item, 'Type')),
    range: lines(optional(item, 'RangeEnumeration')?.text ?? ''),
    units: oneLine(optional(item, 'Units')?.text ?? ''),
  };
}

function optional(parent: XmlElement, name: string): XmlElement | undefined {
  const [first, second] = parent.elements.filter((element) => element.name === name);
  if (second !== undefined) {
    throw new ObjectXmlError(second.line, `<${name}> stands here a second time in <${parent.name}>`);
  }
  return first;
}

function required(parent: XmlElement, name: string): XmlElement {
  const element = optional(parent, name);
  if (element === undefined) throw new ObjectXmlError(parent.line, `<${parent.name}> has no <${name}>`);
  return element;
}

function readName(parent: XmlElement): string {
  const element = required(parent, 'Name');
  const name = oneLine(element.text);
  if (name === '') throw new ObjectXmlError(element.line, '<Name> is empty');
  return name;
}

function readId({ text, line, name }: XmlElement): number {
  return parseId(text.trim(), line, `<${name}>`);
}

function parseId(text: string, line: number, what: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > MAX_ID) {
    throw new ObjectXmlError(line, `${what} is ${quoted(text)}, not a number of 0 to ${MAX_ID}`);
  }
  return Number(text);
}

function readVersion(object: XmlElement, name: string): string {
  const element = optional(object, name);
  const version = element?.text.trim() ?? '';
  if (element === undefined || version === '') return INITIAL_VERSION;
  if (!isVersion(version)) {
    throw new ObjectXmlError(element.line, `<${name}> is ${quoted(version)}, not two numbers such as 1.0`);
  }
  return version;
}

/** What a table has for the text of an element. */
function oneOf<Value>(table: Readonly<Record<string, Value>>, { text, name, line }: XmlElement): Value {
  const key = text.trim();
  const value = Object.hasOwn(table, key) ? table[key] : undefined;
  if (value === undefined) {
    const known = Object.keys(table).filter((word) => word !== '');
    throw new ObjectXmlError(line, `<${name}> is ${quoted(key)}, not one of ${known.join(', ')}`);
  }
  return value;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Keeps the lines of an enumeration apart, without the file's indentation. */
function lines(text: string): string {
  return text
    .split('\n')
    .map(oneLine)
    .filter((line) => line !== '')
    .join('\n');
}
