import type { Sealer } from '../record/protection.js';
import { CONTENT, plainRecord, RECORD_HEADER } from '../record/record.js';
import { fragmentsOf, HANDSHAKE_HEADER, wholeMessage } from './fragments.js';
import { HANDSHAKE_TYPES, type HandshakeType } from './messages.js';

/** Bytes of a datagram that a handshake fills when it is not told otherwise. */
export const DEFAULT_MTU = 1200;
/** Fewer would not hold a protected Finished with the longest connection id and more than a few bytes of a message. */
export const MIN_MTU = 256;

const CHANGE_CIPHER_SPEC = Buffer.from([1]);

/** One thing that a flight sends. */
interface Item {
  readonly contentType: number;
  /** A whole handshake message, or the one byte of ChangeCipherSpec. */
  readonly bytes: Buffer;
  readonly sealer: Sealer | undefined;
}

/**
 * What this end sends in a handshake: numbers messages and records, and keeps the flight that was sent last so that
 * it can be sent again (RFC 6347 §4.2.4).
 */
export class Outgoing {
  readonly #mtu: number;
  #messageSequence: number;
  #recordSequence: number;
  #flight: Item[] = [];
  /** What is said from now on is protected with; undefined in epoch 0. */
  #sealer: Sealer | undefined;

  /**
   * @param messageSequence number of the first message
   * @param recordSequence number of the first record of epoch 0
   */
  constructor(mtu: number, messageSequence: number, recordSequence: number) {
    this.#mtu = mtu;
    this.#messageSequence = messageSequence;
    this.#recordSequence = recordSequence;
  }

  /** Forgets the flight before. @param messageSequence number of its first message, when not the one that is next */
  beginFlight(messageSequence = this.#messageSequence): void {
    this.#messageSequence = messageSequence;
    this.#flight = [];
  }

  /** Adds a message to the flight. @returns the message as it is hashed */
  addMessage(type: HandshakeType, body: Buffer): Buffer {
    const bytes = wholeMessage(HANDSHAKE_TYPES[type], this.#messageSequence++, body);
    this.#flight.push({ contentType: CONTENT.handshake, bytes, sealer: this.#sealer });
    return bytes;
  }

  /** Adds ChangeCipherSpec to the flight: what follows is protected. */
  changeCipherSpec(sealer: Sealer): void {
    const contentType = CONTENT.change_cipher_spec;
    this.#flight.push({ contentType, bytes: CHANGE_CIPHER_SPEC, sealer: undefined });
    this.#sealer = sealer;
  }

  /** Sends the flight, in as few datagrams as its records fit into. */
  transmit(send: (datagram: Buffer) => void): void {
    let waiting: Buffer[] = [];
    let size = 0;
    for (const record of this.#records()) {
      if (size > 0 && size + record.length > this.#mtu) {
        send(Buffer.concat(waiting, size));
        waiting = [];
        size = 0;
      }
      waiting.push(record);
      size += record.length;
    }
    if (size > 0) send(Buffer.concat(waiting, size));
  }

  /** A record beside the flight: an alert. */
  record(contentType: number, body: Buffer): Buffer {
    return this.#sealer?.seal(contentType, body) ?? this.#plainRecord(contentType, body);
  }

  #plainRecord(contentType: number, body: Buffer): Buffer {
    return plainRecord(contentType, this.#recordSequence++, body);
  }

  *#records(): Generator<Buffer> {
    const maxPart = this.#mtu - RECORD_HEADER - HANDSHAKE_HEADER;
    for (const { contentType, bytes, sealer } of this.#flight) {
      if (sealer !== undefined) yield sealer.seal(contentType, bytes);
      else if (contentType !== CONTENT.handshake) yield this.#plainRecord(contentType, bytes);
      else for (const part of fragmentsOf(bytes, maxPart)) yield this.#plainRecord(contentType, part);
    }
  }
}
