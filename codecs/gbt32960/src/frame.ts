/** Editions of GB/T 32960.3, by year; the start bytes of a frame tell: `##` 2016, `$$` 2025. */
export type Edition = 2016 | 2025;

/** What a frame is about (GB/T 32960.3-2016 table 3; 2025 adds 0x09 to 0x0B). */
export const Command = {
  VehicleLogin: 0x01,
  RealTimeReport: 0x02,
  Reissue: 0x03,
  VehicleLogout: 0x04,
  PlatformLogin: 0x05,
  PlatformLogout: 0x06,
  Heartbeat: 0x07,
  TimeSync: 0x08,
  Activation: 0x09,
  ActivationResponse: 0x0a,
  KeyExchange: 0x0b,
  Query: 0x80,
  Setting: 0x81,
  Control: 0x82,
} as const;
export type Command = (typeof Command)[keyof typeof Command];

/** What a frame answers (GB/T 32960.3-2016 table 4; 2025 adds 0x04 to 0x07), or that it is a command itself. */
export const ResponseFlag = {
  Success: 0x01,
  Error: 0x02,
  VinRepeated: 0x03,
  VinUnknown: 0x04,
  BadSignature: 0x05,
  BadStructure: 0x06,
  BadDecryption: 0x07,
  Command: 0xfe,
} as const;
export type ResponseFlag = (typeof ResponseFlag)[keyof typeof ResponseFlag];

/** How the data of a frame is encrypted (GB/T 32960.3-2016 table 2; 2025 adds SM2 and SM4). */
export const Encryption = {
  None: 0x01,
  Rsa: 0x02,
  Aes128: 0x03,
  Sm2: 0x04,
  Sm4: 0x05,
  Abnormal: 0xfe,
  Invalid: 0xff,
} as const;
export type Encryption = (typeof Encryption)[keyof typeof Encryption];

/** What stands before the data. */
export interface Gbt32960Header {
  readonly edition: Edition;
  /** 0 to 255; those with a meaning are in {@link Command}. */
  readonly command: number;
  /** 0 to 255; those with a meaning are in {@link ResponseFlag}. */
  readonly response: number;
  /** 17 characters, with NULs where the sender has fewer; of a platform's own commands, its number. */
  readonly vin: string;
  /** 0 to 255; those with a meaning are in {@link Encryption}. */
  readonly encryption: number;
}

/** One frame whose check byte is right. */
export interface Gbt32960Frame extends Gbt32960Header {
  readonly kind: 'frame';
  /** As it came, maybe encrypted. A view that is good until the next chunk. */
  readonly data: Buffer;
}

/** What can be wrong with a frame. */
export type MalformedCode =
  /** The check byte is not the XOR of the bytes before it. */
  | 'bad_checksum'
  /** The frame is longer than {@link DecoderOptions.maxFrameSize}. */
  | 'frame_too_long';

/** Bytes that begin like a frame and are none. The next may be one, so they do not end the stream. */
export interface MalformedFrame extends Gbt32960Header {
  readonly kind: 'malformed';
  readonly code: MalformedCode;
  /** For logs. */
  readonly reason: string;
  /** Of the byte at which it shows, from the start of the frame. */
  readonly offset: number;
  /** A view that is good until the next chunk. */
  readonly bytes: Buffer;
}
