import type { PlainMessageType } from './message.js';

/** MsgType of an encapsulated message, §5.5. */
export const ENCAPSULATED = 0xfe;

const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** What the header of a message and the length of its variable part can be. */
export interface MessageTypeRow {
  /** The octet MsgType. */
  readonly value: number;
  /** Fewest octets behind the header. */
  readonly min: number;
  /** Most octets behind the header. */
  readonly max: number;
}

/** Table 3 (§5.2.2) with the layouts of §5.4. 0x03, 0x11, 0x19, 0x1E to 0xFD and 0xFF are reserved. */
export const MESSAGE_TYPES: { readonly [type in PlainMessageType]: MessageTypeRow } = {
  advertise: { value: 0x00, min: 3, max: 3 },
  searchgw: { value: 0x01, min: 1, max: 1 },
  gwinfo: { value: 0x02, min: 1, max: UNBOUNDED },
  connect: { value: 0x04, min: 4, max: UNBOUNDED },
  connack: { value: 0x05, min: 1, max: 1 },
  willtopicreq: { value: 0x06, min: 0, max: 0 },
  willtopic: { value: 0x07, min: 0, max: UNBOUNDED },
  willmsgreq: { value: 0x08, min: 0, max: 0 },
  willmsg: { value: 0x09, min: 0, max: UNBOUNDED },
  register: { value: 0x0a, min: 4, max: UNBOUNDED },
  regack: { value: 0x0b, min: 5, max: 5 },
  publish: { value: 0x0c, min: 5, max: UNBOUNDED },
  puback: { value: 0x0d, min: 5, max: 5 },
  pubcomp: { value: 0x0e, min: 2, max: 2 },
  pubrec: { value: 0x0f, min: 2, max: 2 },
  pubrel: { value: 0x10, min: 2, max: 2 },
  subscribe: { value: 0x12, min: 3, max: UNBOUNDED },
  suback: { value: 0x13, min: 6, max: 6 },
  unsubscribe: { value: 0x14, min: 3, max: UNBOUNDED },
  unsuback: { value: 0x15, min: 2, max: 2 },
  pingreq: { value: 0x16, min: 0, max: UNBOUNDED },
  pingresp: { value: 0x17, min: 0, max: 0 },
  disconnect: { value: 0x18, min: 0, max: 2 },
  willtopicupd: { value: 0x1a, min: 0, max: UNBOUNDED },
  willtopicresp: { value: 0x1b, min: 1, max: 1 },
  willmsgupd: { value: 0x1c, min: 0, max: UNBOUNDED },
  willmsgresp: { value: 0x1d, min: 1, max: 1 },
};
