/** Greatest value of a Variable Byte Integer, and so of a remaining length, MQTT 5 §1.5.5. */
export const MAX_VARIABLE_BYTE_INTEGER = 268_435_455;

/** Most bytes of a string or of binary data, MQTT 5 §1.5.4. */
export const MAX_STRING_BYTES = 65_535;

const NO_BYTES = Buffer.alloc(0);

/**
 * Takes the fields of a packet in order, under the names of their data types (MQTT 5 §1.5). A packet's layout
 * is written down once and goes twice through it: through a {@link PacketSizer} to learn the length that comes
 * first in the packet, then through a {@link PacketFiller}.
 */
export interface PacketWriter {
  byte(value: number): void;
  boolean(value: boolean): void;
  twoByteInteger(value: number): void;
  fourByteInteger(value: number): void;
  variableByteInteger(value: number): void;
  utf8String(value: string): void;
  utf8StringPair(value: readonly [name: string, value: string]): void;
  binaryData(value: Buffer): void;
  /** Bytes without a length. */
  raw(value: Buffer): void;
}

/** Number of bytes of a Variable Byte Integer. */
export function variableByteIntegerSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x20_0000 ? 3 : 4;
}

/** A packet that MQTT cannot carry: a field or the whole is too long. Nothing of it has been written. */
export class EncodeError extends RangeError {
  override readonly name = 'EncodeError';
}

/** Counts bytes. @throws EncodeError for what does not fit its data type */
export class PacketSizer implements PacketWriter {
  size = 0;

  byte(): void {
    this.size += 1;
  }

  boolean(): void {
    this.size += 1;
  }

  twoByteInteger(): void {
    this.size += 2;
  }

  fourByteInteger(): void {
    this.size += 4;
  }

  variableByteInteger(value: number): void {
    if (value > MAX_VARIABLE_BYTE_INTEGER) throw new EncodeError(`${value} is too large for MQTT`);
    this.size += variableByteIntegerSize(value);
  }

  utf8String(value: string): void {
    this.#prefixed(Buffer.byteLength(value));
  }

  utf8StringPair(value: readonly [name: string, value: string]): void {
    this.utf8String(value[0]);
    this.utf8String(value[1]);
  }

  binaryData(value: Buffer): void {
    this.#prefixed(value.length);
  }

  raw(value: Buffer): void {
    this.size += value.length;
  }

  #prefixed(length: number): void {
    if (length > MAX_STRING_BYTES) throw new EncodeError(`a field of ${length} bytes is too long for MQTT`);
    this.size += 2 + length;
  }
}

/** Writes into room that a {@link PacketSizer} has measured. */
export class PacketFiller implements PacketWriter {
  #bytes: Buffer = NO_BYTES;
  #position = 0;

  /** Starts writing at `position` of `bytes`. */
  open(bytes: Buffer, position: number): void {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Lets go of the memory and returns where writing ended. */
  close(): number {
    this.#bytes = NO_BYTES;
    return this.#position;
  }

  byte(value: number): void {
    this.#bytes[this.#position++] = value;
  }

  boolean(value: boolean): void {
    this.byte(value ? 1 : 0);
  }

  twoByteInteger(value: number): void {
    this.byte(value >> 8);
    this.byte(value);
  }

  fourByteInteger(value: number): void {
    this.#position = this.#bytes.writeUInt32BE(value, this.#position);
  }

  variableByteInteger(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest);
  }

  utf8String(value: string): void {
    const length = this.#bytes.write(value, this.#position + 2);
    this.twoByteInteger(length);
    this.#position += length;
  }

  utf8StringPair(value: readonly [name: string, value: string]): void {
    this.utf8String(value[0]);
    this.utf8String(value[1]);
  }

  binaryData(value: Buffer): void {
    this.twoByteInteger(value.length);
    this.raw(value);
  }

  raw(value: Buffer): void {
    this.#bytes.set(value, this.#position);
    this.#position += value.length;
  }
}
