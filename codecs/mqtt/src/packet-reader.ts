import { isUtf8 } from 'node:buffer';
import { MqttFault, type MqttFaultCode } from './mqtt-fault.js';
import type { ProtocolVersion } from './packet.js';

/** Where the remaining length begins, MQTT 5 §2.1.1. */
export const LENGTH_OFFSET = 1;

const NO_BYTES = Buffer.alloc(0);

const LAST_CONTROL = 0x1f;
const LAST_ASCII = 0x7e;

/** Control characters and what is no character: a receiver may refuse them, MQTT 5 §1.5.4. */
const UNWELCOME = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

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
  readonly #strictText: boolean;
  #start = 0;

  /** @param strictText see `MqttDecoderOptions.strictText` */
  constructor(version: ProtocolVersion, strictText: boolean) {
    this.version = version;
    this.#strictText = strictText;
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

  /** Refuses a Remaining Length of more bytes than it needs, as only MQTT 5 §1.5.5 does. */
  checkRemainingLength(): void {
    let last = this.#start + 1;
    while ((this.bytes[last] as number) > 0x7f) last++;
    if (this.bytes[last] === 0 && last > this.#start + 1) {
      throw this.headerFault('malformed_packet', LENGTH_OFFSET, 'a remaining length longer than needed');
    }
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

  /** Makes the error to throw for something wrong in the fixed header. @param offset of the byte that is */
  headerFault(code: MqttFaultCode, offset: number, reason: string): MqttFault {
    return new MqttFault(code, offset, reason, this.version);
  }

  byte(): number {
    return this.bytes[this.take(1)] as number;
  }

  /** A Byte that must be 0 or 1. */
  boolean(): boolean {
    const value = this.byte();
    if (value > 1) throw this.fault('protocol_error', 'a flag that is neither 0 nor 1');
    return value === 1;
  }

  twoByteInteger(): number {
    const at = this.take(2);
    return ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  fourByteInteger(): number {
    return this.bytes.readUInt32BE(this.take(4));
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
    const start = this.take(length);
    return this.text(start, start + length);
  }

  utf8StringPair(): readonly [name: string, value: string] {
    return [this.utf8String(), this.utf8String()];
  }

  /** A copy, good for ever. */
  binaryData(): Buffer {
    const length = this.twoByteInteger();
    const start = this.take(length);
    return Buffer.from(this.bytes.subarray(start, start + length));
  }

  /** The bytes from `start` to `end`, inside the packet, as text: without U+0000, MQTT 5 §1.5.4. */
  text(start: number, end: number): string {
    const bytes = this.bytes;
    const controls = this.#strictText ? LAST_CONTROL : 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      if (byte > LAST_ASCII) return this.#multibyteText(start, end);
      if (byte <= controls) throw this.#unwelcome(byte);
    }
    return bytes.toString('latin1', start, end);
  }

  #multibyteText(start: number, end: number): string {
    const text = this.bytes.toString('utf8', start, end);
    if (text.includes('\0')) throw this.#unwelcome(0);
    if (this.#strictText) this.#checkText(text, start, end);
    return text;
  }

  #checkText(text: string, start: number, end: number): void {
    // Ill-formed parts come out as U+FFFD, so without one there is nothing to check.
    if (text.includes('\ufffd') && !isUtf8(this.bytes.subarray(start, end))) {
      throw this.fault('malformed_packet', 'a string that is not UTF-8');
    }
    const unwelcome = UNWELCOME.exec(text)?.[0].codePointAt(0);
    if (unwelcome !== undefined) throw this.#unwelcome(unwelcome);
  }

  #unwelcome(codePoint: number): MqttFault {
    const hex = codePoint.toString(16).toUpperCase().padStart(4, '0');
    return this.fault('malformed_packet', `U+${hex} in a string`);
  }

  /** Takes so many bytes, whatever they are. @returns where they start */
  take(size: number): number {
    const start = this.position;
    if (size > this.end - start) throw this.fault('malformed_packet', 'a packet shorter than its contents');
    this.position = start + size;
    return start;
  }
}
