import { BufferedDecoder } from '@portico/frame';
import { CONTROL_DECODERS } from './decode-control.js';
import { decodePublish } from './decode-publish.js';
import type { ControlPacket, ProtocolVersion, ReceivedPacket } from './packet.js';
import { LENGTH_OFFSET, PacketReader } from './packet-reader.js';
import { controlTypeOf, PUBLISH } from './packet-types.js';
import { TopicMemo } from './topic-name.js';

/** A fixed header has at most this many bytes of remaining length, MQTT 5 §2.1.4. */
const MAX_LENGTH_BYTES = 4;

export interface MqttDecoderOptions {
  /** Greatest packet taken, in bytes, fixed header included. */
  readonly maxPacketSize: number;
  /**
   * Refuse strings with control characters, with code points that are no characters, or of ill-formed UTF-8
   * (the default); otherwise the ill-formed parts become U+FFFD and the rest is taken. U+0000 is always refused.
   */
  readonly strictText?: boolean;
  /** Refuse packets that only servers send; otherwise those of both ends are taken. */
  readonly fromClient?: boolean;
  /** The version spoken until a CONNECT packet says otherwise; 4 unless given. Clients give theirs. */
  readonly version?: ProtocolVersion;
}

/**
 * Cuts the byte stream of a connection into MQTT packets, of any version and for both ends. A packet that
 * breaks its standard throws an {@link MqttFault}; nothing can be decoded after that. Whether a well-formed
 * packet may be sent by that end at that moment is for the caller to judge.
 */
export class MqttDecoder extends BufferedDecoder<ReceivedPacket> {
  readonly #maxPacketSize: number;
  readonly #fromClient: boolean;
  readonly #reader: PacketReader;
  /** From the first PUBLISH on: many connections never send one. */
  #topics: TopicMemo | undefined;

  constructor(options: MqttDecoderOptions) {
    super();
    this.#maxPacketSize = options.maxPacketSize;
    this.#fromClient = options.fromClient ?? false;
    this.#reader = new PacketReader(options.version ?? 4, options.strictText ?? true);
  }

  /** The version that the last CONNECT asked for. */
  get version(): ProtocolVersion {
    return this.#reader.version;
  }

  next(): ReceivedPacket | undefined {
    const input = this.input;
    const reader = this.#reader;
    if (!this.#openPacket() || reader.end > input.end) {
      reader.close();
      input.keep();
      return undefined;
    }
    const firstByte = input.bytes[input.start] as number;
    const packet =
      firstByte >> 4 === PUBLISH
        ? decodePublish(reader, firstByte & 0x0f, this.#topicMemo())
        : CONTROL_DECODERS[this.#controlType(firstByte)](reader);
    if (reader.remaining > 0) throw reader.fault('malformed_packet', 'bytes behind the end of the packet');
    input.start = reader.end;
    return packet;
  }

  #topicMemo(): TopicMemo {
    this.#topics ??= new TopicMemo();
    return this.#topics;
  }

  /**
   * Reads the fixed header and points the reader at the packet, all of whose bytes need not be there yet.
   * @returns false when the fixed header is not complete
   */
  #openPacket(): boolean {
    const { bytes, start, end } = this.input;
    const reader = this.#reader;
    let at = start + 1;
    let remaining = 0;
    let byte: number;
    do {
      if (at >= end) return this.#awaitHeader();
      byte = bytes[at] as number;
      remaining |= (byte & 0x7f) << (7 * (at - start - 1));
      at++;
    } while (byte > 0x7f && at - start <= MAX_LENGTH_BYTES);
    reader.open(bytes, start, at, at + remaining);
    if (byte > 0x7f) {
      const reason = 'a remaining length of more than four bytes';
      throw reader.headerFault('malformed_packet', LENGTH_OFFSET, reason);
    }
    if (byte === 0 && reader.version === 5) reader.checkRemainingLength();
    this.#checkFixedHeader(bytes[start] as number, at - start + remaining);
    return true;
  }

  /** The fixed header is not complete: its first byte is looked at, if it is there. */
  #awaitHeader(): false {
    const { bytes, start, end } = this.input;
    const firstByte = bytes[start] as number;
    if (start < end && firstByte >> 4 !== PUBLISH) this.#controlType(firstByte);
    return false;
  }

  /** Refuses what the fixed header shows to be wrong before the rest is waited for. */
  #checkFixedHeader(firstByte: number, size: number): void {
    if (size > this.#maxPacketSize) {
      const reason = `a packet of ${size} bytes, more than ${this.#maxPacketSize}`;
      throw this.#reader.headerFault('packet_too_large', LENGTH_OFFSET, reason);
    }
    if (firstByte >> 4 !== PUBLISH) this.#controlType(firstByte);
  }

  #controlType(firstByte: number): ControlPacket['type'] {
    const reader = this.#reader;
    const row = controlTypeOf(firstByte);
    if (row === undefined) throw reader.headerFault('malformed_packet', 0, 'packet type 0 is reserved');
    if (row.type === 'auth' && reader.version < 5) {
      throw reader.headerFault('malformed_packet', 0, 'packet type 15 is reserved before MQTT 5');
    }
    if (row.fromServer && this.#fromClient) {
      throw reader.headerFault('protocol_error', 0, `${row.type.toUpperCase()} from a client`);
    }
    // MQTT 3.1 §2.1 leaves these bits to DUP and QoS in some packets and to nothing in others.
    if ((firstByte & 0x0f) !== row.flags && reader.version !== 3) {
      const reason = `fixed header flags ${firstByte & 0x0f} in ${row.type}`;
      throw reader.headerFault('malformed_packet', 0, reason);
    }
    return row.type;
  }
}
