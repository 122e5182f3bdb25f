import { isUtf8 } from 'node:buffer';
import { MqttFault, type MqttFaultCode } from './mqtt-fault.js';
import type { ProtocolVersion } from './packet.js';

const NO_BYTES = Buffer.alloc(0);

/**
 * Reads the fields of one packet in place. Every method moves on behind what it read and throws an
 * {@link MqttFault} when the packet ends too early or the value breaks MQTT 5 §1.5.
 */
export class PacketReader {
  version: ProtocolVersion;
  bytes: Buffer = NO_BYTES;
  position = 0;
  /** Where the packet ends. */
  end = 0;
  readonly #strictUtf8: boolean;
  #start = 0;

  /** @param strictUtf8 refuse ill-formed UTF-8; otherwise its ill-formed parts become U+FFFD. */
  constructor(version: ProtocolVersion, strictUtf8: boolean) {
    this.version = version;
    this.#strictUtf8 = strictUtf8;
  }

  /**
   * @param start of the fixed header, from which faults count their offset
   * @param body start of the variable header
   * @param end of the packet
   */
  open(bytes: Buffer, start: number, body: number, end: number): void {
    this.bytes = bytes;
    this.position = body;
    this.end = end;
    this.#start = start;
  }

  /** Lets go of the packet's memory. */
  close(): void {
    this.bytes = NO_BYTES;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Makes the error to throw for something wrong just before `position`. */
  fault(code: MqttFaultCode, reason: string): MqttFault {
    return new MqttFault(code, this.position - this.#start, reason, this.version);
  }

  byte(): number {
    return this.bytes[this.skip(1)] as number;
  }

  /** A Byte that must be 0 or 1. */
  boolean(): boolean {
    const value = this.byte();
    if (value > 1) throw this.fault('protocol_error', 'a flag that is neither 0 nor 1');
    return value === 1;
  }

  twoByteInteger(): number {
    const at = this.skip(2);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  fourByteInteger(): number {
    return this.bytes.readUInt32BE(this.skip(4));
  }

  variableByteInteger(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) {
          throw this.fault('malformed_packet', 'a variable byte integer longer than needed');
        }
        return value;
      }
    }
    throw this.fault('malformed_packet', 'a variable byte integer of more than four bytes');
  }

  /** A packet identifier: never 0, MQTT 5 §2.2.1. */
  packetId(): number {
    const id = this.twoByteInteger();
    if (id === 0) throw this.fault('protocol_error', 'packet identifier 0');
    return id;
  }

  utf8String(): string {
    const length = this.twoByteInteger();
    const start = this.skip(length);
    return this.text(start, start + length);
  }

  utf8StringPair(): readonly [name: string, value: string] {
    return [this.utf8String(), this.utf8String()];
  }

  /** A copy, good for ever. */
  binaryData(): Buffer {
    const length = this.twoByteInteger();
    const start = this.skip(length);
    return Buffer.from(this.bytes.subarray(start, start + length));
  }

  /** The bytes from `start` to `end`, inside the packet, as text: without U+0000, MQTT 5 §1.5.4. */
  text(start: number, end: number): string {
    const bytes = this.bytes;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte > 0x7f) return this.#multibyteText(start, end);
      if (byte === 0) throw this.fault('malformed_packet', 'U+0000 in a string');
    }
    return bytes.toString('latin1', start, end);
  }

  #multibyteText(start: number, end: number): string {
    const text = this.bytes.toString('utf8', start, end);
    if (text.includes('\0')) throw this.fault('malformed_packet', 'U+0000 in a string');
    // Ill-formed parts come out as U+FFFD, so without one there is nothing more to check.
    if (this.#strictUtf8 && text.includes('\ufffd') && !isUtf8(this.bytes.subarray(start, end))) {
      throw this.fault('malformed_packet', 'a string that is not UTF-8');
    }
    return text;
  }

  /** Moves `size` bytes on and returns where they start. */
  skip(size: number): number {
    const start = this.position;
    if (size > this.end - start) throw this.fault('malformed_packet', 'a packet shorter than its contents');
    this.position = start + size;
    return start;
  }
}
