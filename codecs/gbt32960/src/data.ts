import { shownSize } from '@portico/frame';
import {
  ASCII,
  base64,
  type FieldSpan,
  GBK,
  type RecordFault,
  readRecord,
  record,
  type TextCodec,
  writeRecord,
} from '@portico/record';
import { recordOf } from './commands.js';
import { encodeFrame } from './encoder.js';
import { Command, type Edition, Encryption, type Gbt32960Frame, ResponseFlag } from './frame.js';

export interface DecodeOptions {
  /** The data without their encryption, where whoever asks could decrypt them. */
  readonly plain?: Buffer;
  /** Gets the place of every field. */
  readonly spans?: FieldSpan[];
}

/** The data of a frame as they stand in JSON. */
export interface DecodedData {
  /**
   * By the table of the command. `{Encrypted: true, Data}` of encrypted data, `{Data}` of a command that is not known;
   * `Data` is base64.
   */
  readonly data: Readonly<Record<string, unknown>>;
  /** What of them is wrong; what is sound stands in the data. */
  readonly faults: readonly RecordFault[];
}

/** What a terminal is told, and answers, may be Chinese; what vehicles and platforms are called is ASCII. */
function textOf(command: number): TextCodec {
  return command >= Command.Query && command <= Command.Control ? GBK : ASCII;
}

/** Decodes the data of a frame. Never throws for what a peer sends. */
export function decodeData(frame: Gbt32960Frame, options: DecodeOptions = {}): DecodedData {
  const { plain = frame.data } = options;
  if (frame.encryption !== Encryption.None && options.plain === undefined) {
    return { data: { Encrypted: true, Data: frame.data.toString('base64') }, faults: [] };
  }
  const { value, faults, length } = readRecord(recordOf(frame), plain, {
    edition: frame.edition,
    text: textOf(frame.command),
    ...(options.spans && { spans: options.spans }),
  });
  if (faults.length > 0 || length === plain.length) return { data: value, faults };
  const reason = `${shownSize(plain.length - length)} too many`;
  return { data: value, faults: [{ path: '', code: 'wrong_length', offset: length, reason }] };
}

/** Where the data are encrypted. */
const OPAQUE = record({ Data: base64('rest') });

/** What a message is about, and its data as {@link decodeData} gives them. */
export interface DataToEncode {
  /** 2016 unless given. */
  readonly edition?: Edition;
  readonly command: number;
  /** {@link ResponseFlag.Command} unless given. */
  readonly response?: number;
  /** {@link Encryption.None} unless given; all others say that `data` has encrypted bytes in base64, as `Data`. */
  readonly encryption?: number;
  readonly data: unknown;
}

/**
 * Encodes the data of a frame.
 * @returns borrowed bytes: the next data are written over them
 * @throws RecordError when they lack something, or have what cannot be written; its path tells which
 */
export function encodeData(message: DataToEncode): Buffer {
  const { edition = 2016, command, response = ResponseFlag.Command, encryption, data } = message;
  const isOpaque = encryption !== undefined && encryption !== Encryption.None;
  const described = isOpaque ? OPAQUE : recordOf({ edition, command, response });
  return writeRecord(described, data, { edition, text: textOf(command) }, 'Data');
}

/**
 * Encodes a message.
 * @returns its frame, memory of its own
 * @throws RecordError when it lacks something, or has what cannot be written; its path tells which
 */
export function encodeMessage(message: DataToEncode & { readonly vin: string }): Buffer {
  const { edition = 2016, command, response = ResponseFlag.Command, vin } = message;
  const { encryption = Encryption.None } = message;
  const data = encodeData(message);
  return encodeFrame({ edition, command, response, vin, encryption, data });
}
