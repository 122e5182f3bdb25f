import { type PacketName, packetName, type Version } from '../spec/packets.js';
import { type PropertyName, propertyById } from '../spec/properties.js';
import type { PropertyValue } from './write.js';

/** What the server sent, taken apart. Fields that a packet does not have are left out. */
export interface Received {
  readonly type: PacketName;
  readonly flags: number;
  readonly packetId?: number;
  /** Reason code, or the return code of CONNACK before MQTT 5; 0 where MQTT 5 lets it be left out. */
  readonly code?: number;
  /** Of SUBACK and UNSUBACK. */
  readonly codes?: readonly number[];
  readonly sessionPresent?: boolean;
  readonly qos?: number;
  readonly retain?: boolean;
  readonly dup?: boolean;
  readonly topic?: string;
  readonly payload?: string;
  /** Values in the order of the packet, by name; of MQTT 5. */
  readonly properties?: Readonly<Partial<Record<PropertyName, readonly PropertyValue[] | undefined>>>;
}

/** The length in bytes of the packet that `bytes` begin with; undefined while it is not complete. */
export function packetLength(bytes: Buffer): number | undefined {
  let remaining = 0;
  for (let i = 1; i < Math.min(bytes.length, 5); i++) {
    const byte = bytes[i] as number;
    remaining += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 0x80) return bytes.length < i + 1 + remaining ? undefined : i + 1 + remaining;
  }
  if (bytes.length >= 5)
    throw new Error(`a remaining length of more than four bytes: ${bytes.toString('hex')}`);
  return undefined;
}

/** Takes one whole packet apart. @throws Error when it is not what a server may send in that version */
export function readPacket(bytes: Buffer, version: Version): Received {
  const first = bytes[0] as number;
  const type = packetName(first >> 4);
  if (type === undefined) throw new Error(`packet type ${first >> 4} from the server`);
  const reader = new Reader(bytes, 1);
  reader.varint();
  const fields = READERS[type]?.(reader, version, first & 0x0f);
  if (fields === undefined) throw new Error(`${type} from the server`);
  if (reader.rest > 0) throw new Error(`${reader.rest} bytes behind the end of ${type}`);
  return { type, flags: first & 0x0f, ...fields };
}

type Fields = Omit<Received, 'type' | 'flags'>;
type Read = (reader: Reader, version: Version, flags: number) => Fields;

const READERS: Readonly<Partial<Record<PacketName, Read>>> = {
  connack: (reader, version) => {
    const flags = reader.byte();
    if (flags > 1) throw new Error(`reserved CONNACK flags ${flags}`);
    const code = reader.byte();
    return { sessionPresent: flags === 1, code, ...reader.propertiesOf(version) };
  },
  publish: (reader, version, flags) => {
    const qos = (flags >> 1) & 3;
    const topic = reader.text();
    const packetId = qos > 0 ? { packetId: reader.u16() } : {};
    const properties = reader.propertiesOf(version);
    const payload = reader.bytes(reader.rest).toString();
    return { qos, retain: (flags & 1) > 0, dup: (flags & 8) > 0, topic, payload, ...packetId, ...properties };
  },
  puback: readAck,
  pubrec: readAck,
  pubrel: readAck,
  pubcomp: readAck,
  suback: readAcks,
  unsuback: (reader, version) => (version === 5 ? readAcks(reader, version) : { packetId: reader.u16() }),
  pingresp: () => ({}),
  disconnect: (reader) => readEnding(reader),
  auth: (reader) => readEnding(reader),
};

function readAck(reader: Reader, version: Version): Fields {
  const packetId = reader.u16();
  if (version < 5) return { packetId };
  return { packetId, ...readEnding(reader) };
}

function readAcks(reader: Reader, version: Version): Fields {
  const packetId = reader.u16();
  const properties = reader.propertiesOf(version);
  return { packetId, ...properties, codes: [...reader.bytes(reader.rest)] };
}

/** A reason code and properties, of which MQTT 5 lets both or the latter be left out. */
function readEnding(reader: Reader): Fields {
  const code = reader.rest > 0 ? reader.byte() : 0;
  return { code, ...(reader.rest > 0 ? reader.propertiesOf(5) : { properties: {} }) };
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(count: number): Buffer {
    if (count > this.rest) throw new Error(`too short: ${this.#bytes.toString('hex')}`);
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  byte(): number {
    return this.bytes(1).readUInt8();
  }

  u16(): number {
    return this.bytes(2).readUInt16BE();
  }

  varint(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  }

  binary(): Buffer {
    return this.bytes(this.u16());
  }

  text(): string {
    return this.binary().toString();
  }

  /** Nothing before MQTT 5. */
  propertiesOf(version: Version): Pick<Received, 'properties'> {
    if (version < 5) return {};
    const properties: Partial<Record<PropertyName, PropertyValue[]>> = {};
    const end = this.rest - this.#lengthOfProperties();
    while (this.rest > end) {
      const id = this.varint();
      const row = propertyById(id);
      if (row === undefined) throw new Error(`property ${id} from the server`);
      const name = row.name as PropertyName;
      properties[name] = [...(properties[name] ?? []), this.#value(row.kind)];
    }
    return { properties };
  }

  #lengthOfProperties(): number {
    const before = this.rest;
    const length = this.varint();
    return length + (before - this.rest);
  }

  #value(kind: string): PropertyValue {
    switch (kind) {
      case 'byte':
        return this.byte();
      case 'u16':
        return this.u16();
      case 'u32':
        return this.bytes(4).readUInt32BE();
      case 'varint':
        return this.varint();
      case 'binary':
        return Buffer.from(this.binary());
      case 'pair':
        return [this.text(), this.text()];
      default:
        return this.text();
    }
  }
}
