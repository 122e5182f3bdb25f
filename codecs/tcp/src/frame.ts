/** The version that CONNECT carries in its flags; there is no other. */
export const PROTOCOL_VERSION = 1;

/** Most bytes that a payload can have: its length is a UINT(2). */
export const MAX_PAYLOAD_LENGTH = 65535;

/** The bytes before a payload: the header and the payload's length. */
export const PREFIX_LENGTH = 3;

/** Results of a CONNECT, the flags of CONNACK. 3 to 15 are reserved. */
export const AckCode = { successful: 0, authFailed: 1, illegalVersion: 2 } as const;
export type AckCode = (typeof AckCode)[keyof typeof AckCode];

/** Client to server: the first frame. */
export interface ConnectFrame {
  readonly type: 'connect';
  /** 0 to 15. Of another version than {@link PROTOCOL_VERSION} nothing is known but this: the rest is empty. */
  readonly version: number;
  /** Seconds, 0 to 255. */
  readonly keepalive: number;
  readonly clientId: string;
  /** Undefined when absent or empty: a password without a username needs an empty one before it. */
  readonly username: string | undefined;
  /** UTF-8 in memory of its own; undefined when absent or empty. */
  readonly password: Buffer | undefined;
}

/** Server to client: the answer to CONNECT. */
export interface ConnackFrame {
  readonly type: 'connack';
  readonly code: AckCode;
  /** For people; may be empty. */
  readonly message: string;
}

/** Both ways: the data that the protocol is there for. */
export interface DatatransFrame {
  readonly type: 'datatrans';
  /** 0 to {@link MAX_PAYLOAD_LENGTH} bytes. When decoded: a view that is good until the next chunk. */
  readonly payload: Buffer;
}

/** Client to server: still alive. */
export interface PingFrame {
  readonly type: 'ping';
}

/** Server to client: the answer to PING. */
export interface PongFrame {
  readonly type: 'pong';
}

/** Client to server: goodbye. */
export interface DisconnectFrame {
  readonly type: 'disconnect';
}

export type Frame = ConnectFrame | ConnackFrame | DatatransFrame | PingFrame | PongFrame | DisconnectFrame;

export type FrameType = Frame['type'];

/** What the first byte of a frame says, type in the high four bits and flags in the low four. */
export interface FrameTypeRow {
  readonly value: number;
  /** The highest flags that mean something: the version, the ack code, else 0. */
  readonly maxFlags: number;
  /** Whether a UINT(2) length and so many bytes follow. */
  readonly hasPayload: boolean;
}

/** All frame types; 0 and 7 to 15 are reserved. */
export const FRAME_TYPES: { readonly [type in FrameType]: FrameTypeRow } = {
  connect: { value: 1, maxFlags: 15, hasPayload: true },
  connack: { value: 2, maxFlags: AckCode.illegalVersion, hasPayload: true },
  datatrans: { value: 3, maxFlags: 0, hasPayload: true },
  ping: { value: 4, maxFlags: 0, hasPayload: false },
  pong: { value: 5, maxFlags: 0, hasPayload: false },
  disconnect: { value: 6, maxFlags: 0, hasPayload: false },
};
