import type { Lwm2mPath, TypeOf } from '../model/types.js';
import { type Lwm2mNode, MAX_NODES, payloadError, rawNode, type TypedNode } from '../node.js';
import { isWithin, MAX_ID } from '../path.js';
import { byIdAt } from './grouping.js';
import { fittedValue } from './single.js';
import { bytesOfValue, valueOfBytes } from './tlv-value.js';

/** What the identifier of a TLV names: bits 7 and 6 of its type byte (LwM2M 1.1.1 Core §7.4.4). */
const Kind = { ObjectInstance: 0, ResourceInstance: 1, MultipleResource: 2, Resource: 3 } as const;
type Kind = (typeof Kind)[keyof typeof Kind];

/** Bit 5 of the type byte: an identifier of 16 bits. */
const LONG_ID = 0x20;
/** Bits 4 and 3: how many bytes the length has; none when it is in bits 2 to 0. */
const LENGTH_SHIFT = 3;
const SHORT_LENGTH = 0x07;
const MAX_LENGTH = 0xff_ffff;

/**
 * TLV, LwM2M 1.1.1 Core §7.4.4. An object instance around the resources is understood whether it was asked for or
 * not; resources without one below an object are those of its instance 0.
 */
export function decodeTlv(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf): Lwm2mNode[] {
  return new TlvDecoder(base, bytes, typeOf).decode();
}

class TlvDecoder {
  readonly #base: Lwm2mPath;
  readonly #bytes: Buffer;
  readonly #typeOf: TypeOf;
  readonly #nodes: Lwm2mNode[] = [];

  constructor(base: Lwm2mPath, bytes: Buffer, typeOf: TypeOf) {
    this.#base = base;
    this.#bytes = bytes;
    this.#typeOf = typeOf;
  }

  decode(): Lwm2mNode[] {
    if (this.#base.length === 0) throw payloadError('wrong_path', 'TLV is for one object');
    this.#list(0, this.#bytes.length, undefined);
    return this.#nodes;
  }

  /** @param within what the TLVs are nested in: an object instance or a multiple resource */
  #list(start: number, end: number, within: Lwm2mPath | undefined): void {
    let at = start;
    while (at < end) {
      const type = this.#bytes.readUInt8(at);
      const idBytes = (type & LONG_ID) === 0 ? 1 : 2;
      const lengthBytes = (type >> LENGTH_SHIFT) & 3;
      const value = at + 1 + idBytes + lengthBytes;
      if (value > end) throw payloadError('truncated', 'a TLV is cut off', at);
      const id = this.#bytes.readUIntBE(at + 1, idBytes);
      const length =
        lengthBytes === 0 ? type & SHORT_LENGTH : this.#bytes.readUIntBE(at + 1 + idBytes, lengthBytes);
      if (length > end - value) throw payloadError('truncated', 'a TLV is longer than what it is in', at);
      const kind = (type >> 6) as Kind;
      const path = within === undefined ? this.#outerPath(kind, id) : innerPath(kind, id, within);
      if (path === undefined || id > MAX_ID) throw payloadError('wrong_path', 'a TLV of another path', at);
      if (kind === Kind.Resource || kind === Kind.ResourceInstance) this.#value(path, value, value + length);
      else this.#list(value, value + length, path);
      at = value + length;
    }
  }

  #value(path: Lwm2mPath, start: number, end: number): void {
    if (!isWithin(path, this.#base)) throw payloadError('wrong_path', 'a value of another path', start);
    if (this.#nodes.length === MAX_NODES) throw payloadError('too_many', 'too many values', start);
    const bytes = this.#bytes.subarray(start, end);
    const type = this.#typeOf(path)?.type ?? 'none';
    const fitted = valueOfBytes(type, bytes);
    this.#nodes.push(fitted === undefined ? rawNode(path, Buffer.from(bytes)) : { path, value: fitted });
  }

  /** The path of a TLV that is in no other; undefined when it is not what was asked for, nor in it, nor around it. */
  #outerPath(kind: Kind, id: number): Lwm2mPath | undefined {
    const [object = 0, instance = 0, resource, resourceInstance] = this.#base;
    let path: Lwm2mPath;
    if (kind === Kind.ObjectInstance) path = [object, id];
    else if (kind !== Kind.ResourceInstance) path = [object, instance, id];
    else if (resource === undefined) return undefined;
    else path = [object, instance, resource, id];
    if (isWithin(path, this.#base)) return path;
    if (!isWithin(this.#base, path)) return undefined;
    // Around what was asked for; the value of a resource is then the one of the resource instance.
    return kind === Kind.Resource && resourceInstance !== undefined ? this.#base : path;
  }
}

/** The path of a TLV within another; undefined when it has no place there. */
function innerPath(kind: Kind, id: number, within: Lwm2mPath): Lwm2mPath | undefined {
  const inResource = within.length === 3;
  if (kind === Kind.ObjectInstance || (kind === Kind.ResourceInstance) !== inResource) return undefined;
  return [...within, id];
}

/**
 * TLV, LwM2M 1.1.1 Core §7.4.4: object instances below an object, resources below an object instance, resource
 * instances below a resource instance. Nodes of one object instance or multiple resource stand in one TLV, in the
 * place of the first of them.
 * @throws FrameError when a path is not below `base`, or a value none of its type
 */
export function encodeTlv(base: Lwm2mPath, nodes: readonly TypedNode[]): Buffer {
  if (base.length === 0) throw payloadError('wrong_path', 'TLV is for one object');
  for (const { path } of nodes) {
    if (path.length < 3 || !isWithin(path, base)) throw payloadError('wrong_path', 'a value of another path');
  }
  if (base.length === 1) return Buffer.concat(objectInstances(nodes));
  return Buffer.concat(base.length === 4 ? resourceInstances(nodes) : resources(nodes));
}

function objectInstances(nodes: readonly TypedNode[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (const [id, members] of byIdAt(1, nodes)) {
    chunks.push(...tlv(Kind.ObjectInstance, id, Buffer.concat(resources(members))));
  }
  return chunks;
}

function resources(nodes: readonly TypedNode[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (const [id, members] of byIdAt(2, nodes)) {
    const [first] = members;
    if (members.every(({ path }) => path.length === 4)) {
      chunks.push(...tlv(Kind.MultipleResource, id, Buffer.concat(resourceInstances(members))));
    } else if (first !== undefined && members.length === 1) {
      chunks.push(...tlv(Kind.Resource, id, valueBytes(first)));
    } else {
      throw payloadError('wrong_path', 'a resource with two values that are not of its instances');
    }
  }
  return chunks;
}

function resourceInstances(nodes: readonly TypedNode[]): Buffer[] {
  return nodes.flatMap((node) => tlv(Kind.ResourceInstance, node.path[3] ?? 0, valueBytes(node)));
}

function valueBytes(node: TypedNode): Buffer {
  return bytesOfValue(node.type, fittedValue(node));
}

/** Type, identifier and length in as few bytes as they need, and the value. */
function tlv(kind: Kind, id: number, value: Buffer): [header: Buffer, value: Buffer] {
  const idBytes = id > 0xff ? 2 : 1;
  const lengthBytes = sizeOfLength(value.length);
  const header = Buffer.allocUnsafe(1 + idBytes + lengthBytes);
  const length = lengthBytes === 0 ? value.length : lengthBytes << LENGTH_SHIFT;
  header[0] = (kind << 6) | (idBytes === 2 ? LONG_ID : 0) | length;
  header.writeUIntBE(id, 1, idBytes);
  if (lengthBytes > 0) header.writeUIntBE(value.length, 1 + idBytes, lengthBytes);
  return [header, value];
}

function sizeOfLength(length: number): number {
  if (length <= SHORT_LENGTH) return 0;
  if (length <= 0xff) return 1;
  if (length <= 0xffff) return 2;
  if (length <= MAX_LENGTH) return 3;
  throw payloadError('too_large', 'a TLV has at most 16,777,215 bytes');
}
