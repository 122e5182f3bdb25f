import type { ObjectDefinition, ResourceDefinition, ResourceOperations, ResourceType } from './types.js';

/**
 * Object definitions as lines of JSON, small to ship and quick to look up: id and version stand first, so that
 * the rest of a line needs to be read only when a device has the object.
 *
 *     [3,"1.0","Device","1.0","M",[0,"Manufacturer","R","","string"],[7,"Power Source Voltage","R","*","integer","","mV"]]
 *
 * An object: id, version, name, LwM2M version, flags, then its resources. A resource: id, name, operations, flags,
 * type, range, units; those at the end that are empty are left out. Flags: `M` mandatory, `*` multiple instances.
 */
export interface CompactDefinition {
  readonly id: number;
  readonly version: string;
  /** The whole line. */
  readonly line: string;
}

type CompactResource = readonly [
  id: number,
  name: string,
  operations: ResourceOperations,
  flags: string,
  type: ResourceType,
  range?: string,
  units?: string,
];
type CompactObject = readonly [
  id: number,
  version: string,
  name: string,
  lwm2mVersion: string,
  flags: string,
  ...resources: CompactResource[],
];

const KEY = /^\[(\d+),"([\d.]+)",/;
const MANDATORY = 'M';
const MULTIPLE = '*';

/** The line of a definition, without a line end. */
export function formatCompact(definition: ObjectDefinition): string {
  const { id, version, name, lwm2mVersion, resources } = definition;
  const rows = Array.from(resources.values(), resourceRow);
  return JSON.stringify([id, version, name, lwm2mVersion, flagsOf(definition), ...rows]);
}

/** What a line is the definition of; undefined when it is none. */
export function readCompactKey(line: string): CompactDefinition | undefined {
  const [, id, version] = KEY.exec(line) ?? [];
  return id === undefined || version === undefined ? undefined : { id: Number(id), version, line };
}

/**
 * Reads a line that {@link formatCompact} has written.
 * @throws SyntaxError when it is no JSON
 */
export function parseCompact(line: string): ObjectDefinition {
  const [id, version, name, lwm2mVersion, flags, ...rows] = JSON.parse(line) as CompactObject;
  const resources = new Map(rows.map((row) => [row[0], resourceOf(row)]));
  return { id, name, version, lwm2mVersion, ...flagged(flags), resources };
}

function resourceRow(resource: ResourceDefinition): readonly unknown[] {
  const { id, name, operations, type, range, units } = resource;
  const row = [id, name, operations, flagsOf(resource), type, range, units];
  return row.slice(0, row.findLastIndex((field) => field !== '') + 1);
}

function resourceOf([
  id,
  name,
  operations,
  flags,
  type,
  range = '',
  units = '',
]: CompactResource): ResourceDefinition {
  return { id, name, operations, ...flagged(flags), type, range, units };
}

function flagsOf({ mandatory, multiple }: Pick<ResourceDefinition, 'mandatory' | 'multiple'>): string {
  return (mandatory ? MANDATORY : '') + (multiple ? MULTIPLE : '');
}

function flagged(flags: string): Pick<ResourceDefinition, 'mandatory' | 'multiple'> {
  return { multiple: flags.includes(MULTIPLE), mandatory: flags.includes(MANDATORY) };
}
