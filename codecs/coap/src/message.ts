import { CoapOption } from './option.js';

/** Message types by their two bits, RFC 7252 §3. */
export const MessageType = { CON: 0, NON: 1, ACK: 2, RST: 3 } as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

const TYPE_NAMES = ['CON', 'NON', 'ACK', 'RST'] as const;

/** `CON`, `NON`, `ACK` or `RST`. */
export function typeName(type: MessageType): (typeof TYPE_NAMES)[number] {
  return TYPE_NAMES[type];
}

/** A token or payload of no bytes. */
export const NO_BYTES = Buffer.alloc(0);

/** Options of a message that has none. */
export const NO_OPTIONS: readonly CoapOption[] = [];

/** The first bytes of any message: enough to reject it with a Reset. */
export interface MessageHeader {
  readonly type: MessageType;
  /** 16 bits; what duplicates, Acknowledgements and Resets refer to. */
  readonly messageId: number;
}

/**
 * One CoAP message, RFC 7252 §3. Token, options and payload of a decoded message are views into its datagram:
 * whoever keeps the message longer than the datagram is good for calls {@link keepMessage}.
 */
export interface CoapMessage extends MessageHeader {
  /** Class and detail in one byte, see `codes.ts`; 0 for an Empty message. */
  readonly code: number;
  /** 0 to 8 bytes; joins a response to its request. */
  readonly token: Buffer;
  /** By ascending number; equal numbers in the order of the message. */
  readonly options: readonly CoapOption[];
  /** No bytes for none: a payload marker is always followed by at least one byte. */
  readonly payload: Buffer;
}

/** An Empty message (RFC 7252 §4.1): an Acknowledgement, a Reset, or as CON a ping. */
export function emptyMessage(type: MessageType, messageId: number): CoapMessage {
  return { type, code: 0, messageId, token: NO_BYTES, options: NO_OPTIONS, payload: NO_BYTES };
}

/** A copy whose bytes are its own. */
export function keepMessage(message: CoapMessage): CoapMessage {
  return {
    type: message.type,
    code: message.code,
    messageId: message.messageId,
    token: Buffer.from(message.token),
    options: message.options.map((option) => CoapOption.of(option.number, Buffer.from(option.value))),
    payload: Buffer.from(message.payload),
  };
}
