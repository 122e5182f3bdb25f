import {
  type Edition,
  encodeMessage,
  type Jt808Frame,
  type Jt808Message,
  type TextCodec,
} from '@portico/codec-jt808';
import type { Peer } from '@portico/core';
import type { Outgoing } from './codec.js';
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

  /** @throws RecordError when the body is not that of such a message */
  encode(msg_id: number, body: unknown, encrypt = 0): EncodedMessage {
    const header = {
      msg_id,
      encrypt,
      phone: this.#phone,
      msg_sn: this.#serial,
      ...(this.#protoVer !== undefined && { proto_ver: this.#protoVer }),
    };
    const message = { header, body };
    const frames = encodeMessage(message, { edition: this.#edition, text: this.#text });
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
