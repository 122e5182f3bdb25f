import type { Edition } from './editions.js';

/** What stands before the body (JT/T 808-2019 table 2), named as in the JSON of the gateway. */
export interface Jt808Header {
  /** Message id, 0 to 65,535. */
  readonly msg_id: number;
  /** How the body is encrypted: 0 not at all, 1 with RSA (bits 10 to 12 of the properties). */
  readonly encrypt: number;
  /** Bytes of the body, as the sender says: 0 to 1,023. Of a message that came in parts, those of all. */
  readonly len: number;
  /** Version byte; since 2019. */
  readonly proto_ver?: number;
  /** Phone number of the terminal as sent, with leading zeros: 12 digits, since 2019 20. May have letters a to f. */
  readonly phone: string;
  /** Serial number, 0 to 65,535. */
  readonly msg_sn: number;
  /** Parts that the message has, and which of them this is, from 1 on; only where it has parts. */
  readonly frag_total?: number;
  readonly frag_sn?: number;
}

/** One frame whose check byte is right. */
export interface Jt808Frame {
  readonly kind: 'frame';
  readonly header: Jt808Header;
  /** As the header tells: 2013 also stands for 2011. */
  readonly edition: Edition;
  /** May be encrypted, or a part. A view that is good until the next chunk. */
  readonly body: Buffer;
}

/** What can be wrong with bytes between two delimiters. */
export type MalformedCode =
  /** Fewer bytes than a header and the check byte. */
  | 'too_short'
  /** 0x7D before another byte than 0x01 and 0x02. */
  | 'bad_escape'
  /** The check byte is not that of the bytes before it. */
  | 'bad_checksum';

/** Bytes between two delimiters that are no frame. The next may be one, so they do not end the stream. */
export interface MalformedFrame {
  readonly kind: 'malformed';
  readonly code: MalformedCode;
  /** Of a frame with a wrong check byte, as it came: it may be wrong itself. */
  readonly header: Jt808Header | undefined;
  /** For logs. */
  readonly reason: string;
  /** Of the byte at which it shows, in {@link bytes}. */
  readonly offset: number;
  /** With its delimiters, still escaped; a view that is good until the next chunk. */
  readonly bytes: Buffer;
}
