/** Records of SenML (RFC 8428) and of LwM2M JSON, once they are read: names, times and values that build on each other. */

import type { Lwm2mPath, ResourceType, TypeOf } from '../model/types.js';
import { type Lwm2mNode, MAX_NODES, payloadError, rawNode } from '../node.js';
import { parsePath } from '../path.js';
import { exactInteger, fitValue, isWide, type Lwm2mValue } from '../value.js';

/** One record, as far as LwM2M uses it; a base holds until another one takes its place. */
export interface ValueRecord {
  baseName?: string;
  /** Seconds. */
  baseTime?: number;
  baseValue?: number | bigint;
  name?: string;
  /** Seconds. */
  time?: number;
  /** Undefined where the record has none. */
  value?: Lwm2mValue | null;
}

/** What the value of a record is as one of a type, undefined for none; formats that have some in another form say so. */
export type Fit = (type: ResourceType, value: Lwm2mValue) => Lwm2mValue | undefined;

/**
 * The ids at the end of a name: behind the alternate path of a device (LwM2M 1.1.1 Core §6.2.1), or behind a base
 * name that a whole path follows.
 */
const IDS_AT_END = /(?:\/\d+)+\/?$/;
/** Longest name, base name included, in characters. */
const MAX_NAME = 255;

/**
 * Turns records into nodes, in their order. They may be of other paths than what was asked for: of objects that it
 * links to (LwM2M 1.0.2 §6.4.4, LwM2M 1.1 Core table 7.4.4.-4).
 */
export class RecordResolver {
  readonly #typeOf: TypeOf;
  readonly #fit: Fit;
  readonly #nodes: Lwm2mNode[] = [];
  #baseName = '';
  #baseTime = 0;
  #baseValue: number | bigint | undefined;

  constructor(typeOf: TypeOf, fit: Fit = fitValue) {
    this.#typeOf = typeOf;
    this.#fit = fit;
  }

  get nodes(): Lwm2mNode[] {
    return this.#nodes;
  }

  /** @throws FrameError when its path is none of a resource or resource instance, though it has a value */
  add(record: ValueRecord): void {
    if (this.#nodes.length === MAX_NODES) throw payloadError('too_many', 'too many records');
    this.#baseName = record.baseName ?? this.#baseName;
    this.#baseTime = record.baseTime ?? this.#baseTime;
    this.#baseValue = record.baseValue ?? this.#baseValue;
    const value = this.#sum(record.value);
    const path = this.#path(record.name ?? '', value);
    const node = this.#node(path, value);
    const time = this.#baseTime + (record.time ?? 0);
    if (!Number.isFinite(time)) throw payloadError('malformed', 'a time that is too large');
    this.#nodes.push(time === 0 ? node : { ...node, time });
  }

  #path(name: string, value: Lwm2mValue | null): Lwm2mPath {
    const path = readName(this.#baseName + name);
    if (path === undefined || (value !== null && path.length < 3)) {
      throw payloadError('wrong_path', 'a record whose name is no path of a value');
    }
    return path;
  }

  #node(path: Lwm2mPath, value: Lwm2mValue | null): Lwm2mNode {
    if (value === null) return { path, value };
    const type = this.#typeOf(path)?.type ?? 'none';
    const fitted = type === 'none' ? undefined : this.#fit(type, value);
    return fitted === undefined ? rawNode(path, value) : { path, value: fitted };
  }

  /** With the base value, which is added to a number, and stands where there is no value (RFC 8428 §4.1). */
  #sum(value: Lwm2mValue | null | undefined): Lwm2mValue | null {
    const base = this.#baseValue;
    if (
      base === undefined ||
      (value !== undefined && typeof value !== 'number' && typeof value !== 'bigint')
    ) {
      return value ?? null;
    }
    return add(base, value ?? 0);
  }
}

function readName(name: string): Lwm2mPath | undefined {
  const path = parsePath(name);
  if (path !== undefined || name.length > MAX_NAME) return path;
  const at = name.search(IDS_AT_END);
  return at < 0 ? undefined : parsePath(name.slice(at));
}

function add(a: number | bigint, b: number | bigint): number | bigint {
  const sum = isInteger(a) && isInteger(b) ? exactInteger(BigInt(a) + BigInt(b)) : Number(a) + Number(b);
  if (typeof sum === 'bigint' ? isWide(sum) : Number.isFinite(sum)) return sum;
  throw payloadError('malformed', 'a value that is too large with its base value');
}

function isInteger(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}
