import {
  type Edition,
  encodeMessage,
  type Jt808Frame,
  type Jt808Message,
  RecordError,
  type TextCodec,
} from '@portico/codec-jt808';
import type { Peer } from '@portico/core';
import type { Outgoing } from './codec.js';
import { type Encrypt, RSA } from './encryption.js';
import { MessageId } from './message-ids.js';

/** A message to a terminal with its frames: one, or one for each of its parts. */
export interface EncodedMessage {
  readonly message: Jt808Message;
  readonly frames: readonly Buffer[];
}

/** The way to one terminal: messages with its phone number, in its edition, with serial numbers one after the other. */
export class Downlink {
  readonly #peer: Peer<Outgoing>;
  readonly #text: TextCodec;
  #serial = 0;
  #phone = '';
  #protoVer: number | undefined;
  #edition: Edition = 2013;
  #encrypt: Encrypt | undefined;

  constructor(peer: Peer<Outgoing>, text: TextCodec) {
    this.#peer = peer;
    this.#text = text;
  }

  /**
   * From now on messages are for the sender of a frame.
   * @param registered the edition of its registration, where that is known
   */
  address({ header, edition }: Jt808Frame, registered: Edition | undefined): void {
    this.#phone = header.phone;
    this.#protoVer = header.proto_ver;
    this.#edition = registered === 2011 && edition === 2013 ? registered : edition;
  }

  /** From now on bodies that are to be encrypted are encrypted so; undefined for not at all. */
  encryptBy(encrypt: Encrypt | undefined): void {
    this.#encrypt = encrypt;
  }

  /**
   * @param encrypt how the body is encrypted; by RSA for the terminal's key where that is known, unless it is that of an
   *   encrypted message already, `{data}`
   * @throws RecordError when the body is not that of such a message, or cannot be encrypted
   */
  encode(msg_id: number, body: unknown, encrypt = 0): EncodedMessage {
    const header = {
      msg_id,
      encrypt,
      phone: this.#phone,
      msg_sn: this.#serial,
      ...(this.#protoVer !== undefined && { proto_ver: this.#protoVer }),
    };
    const message = { header, body };
    const seal = encrypt === RSA && !isEncrypted(body) ? this.#encrypt : undefined;
    const frames = encodeMessage(message, {
      edition: this.#edition,
      text: this.#text,
      ...(seal && { encrypt: (plain: Buffer) => sealed(seal, plain) }),
    });
    this.#serial = (this.#serial + frames.length) & 0xffff;
    return { message, frames };
  }

  /** Sends a message behind the answers that wait until what they are about is durable. */
  send(msg_id: number, body: unknown): void {
    this.transmit(this.encode(msg_id, body));
  }

  /** As `send`, of what is encoded, maybe once more. */
  transmit({ message, frames }: EncodedMessage): void {
    for (const frame of frames) this.#peer.sendBehindAcks({ message, frame });
  }

  /** Sends an answer as soon as what was published before is durable. */
  answer(msg_id: number, body: unknown): void {
    const { message, frames } = this.encode(msg_id, body);
    for (const frame of frames) this.#peer.sendAck({ message, frame });
  }

  /** The platform's general response (0x8001). */
  confirm({ msg_id: id, msg_sn: seq }: Jt808Frame['header'], result: number): void {
    this.answer(MessageId.platformResponse, { seq, id, result });
  }
}

/** Whether a body is the bytes of one that applications have encrypted. */
function isEncrypted(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).join() === 'data';
}

/** @throws RecordError */
function sealed(encrypt: Encrypt, plain: Buffer): Buffer {
  const bytes = encrypt(plain);
  if (bytes === undefined) {
    throw new RecordError(
      'body',
      `${plain.length} bytes that the key of the terminal can encrypt are needed`,
    );
  }
  return bytes;
}
