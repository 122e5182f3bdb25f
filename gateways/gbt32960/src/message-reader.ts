import {
  Command,
  type DecodedData,
  decodeData,
  Encryption,
  type Gbt32960Frame,
  type Info,
  ResponseFlag,
  scaledInfos,
} from '@portico/codec-gbt32960';
import type { Clock } from '@portico/core';
import { TIME_SIZE, type Time, timeBytes, timeFault } from './china-time.js';
import type { Gbt32960Config } from './config.js';
import { type Decryption, decryptionOf } from './decryption.js';
import type { Problem } from './problems.js';

/** A frame as it is published, and what its answer needs. All of it is its own memory. */
export interface Reading {
  readonly payload: Buffer;
  /** What could be read, with the integers of the standard. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Whether the payload tells of something wrong. */
  readonly isFaulty: boolean;
  /** Why the answer is not success; what can be read of a message is no reason. */
  readonly problem: Problem | undefined;
  /** The time of the frame, which its answer repeats; that of the hub where it cannot be read. */
  readonly time: Buffer;
}

/** One entry of `Errors`. */
interface ErrorEntry {
  readonly Path: string;
  readonly Code: string;
  /** Bytes from the start of the data. */
  readonly Offset: number;
  readonly Reason: string;
}

/** Serial numbers of logins go from 1 to this, and begin anew each day (GB/T 32960.3-2016 table 6). */
const MAX_SEQ = 65_531;
const SEQ_OFFSET = TIME_SIZE;

/** Makes JSON of frames. Shared by all channels. */
export class MessageReader {
  readonly #isScaled: boolean;
  readonly #decryption: Decryption;
  readonly #clock: Clock;

  constructor(config: Gbt32960Config, clock: Clock) {
    this.#isScaled = config.format === 'scaled';
    this.#decryption = decryptionOf(config);
    this.#clock = clock;
  }

  /** @param loginSeq serial number of the login that a logout ends, where that is known */
  read(frame: Gbt32960Frame, loginSeq?: number): Reading {
    const decrypt = this.#decryption.get(frame.encryption);
    const plain = decrypt?.(frame.data);
    const isUndecryptable = decrypt !== undefined && plain === undefined;
    const decoded = decodeData(frame, plain === undefined ? {} : { plain });
    const errors = this.#errorsOf(frame, decoded, loginSeq);
    if (isUndecryptable) errors.push(UNDECRYPTABLE);
    return {
      payload: this.#payload(frame, decoded, errors),
      data: decoded.data,
      isFaulty: errors.length > 0,
      problem: isUndecryptable ? 'bad_decryption' : structureProblem(frame, decoded),
      time: this.#timeOf(frame, plain),
    };
  }

  #payload(frame: Gbt32960Frame, { data }: DecodedData, errors: readonly ErrorEntry[]): Buffer {
    const { command, encryption, vin, edition, response } = frame;
    const json: Record<string, unknown> = { Cmd: command, Encrypt: encryption, Vin: vin };
    if (edition === 2025) json.ProtoVer = '2025';
    json.Data = this.#shown(frame, data);
    if (errors.length > 0) json.Errors = errors;
    if (response > ResponseFlag.Success && response !== ResponseFlag.Command)
      json.Error = refusedWith(response);
    return Buffer.from(JSON.stringify(json));
  }

  /** What everybody may see: a platform's password is no business of those who are told of its login. */
  #shown({ command, edition }: Gbt32960Frame, data: DecodedData['data']): unknown {
    if (command === Command.PlatformLogin && 'Password' in data) {
      const { Password: _, ...others } = data;
      return others;
    }
    if (!this.#isScaled || !Array.isArray(data.Infos)) return data;
    return { ...data, Infos: scaledInfos(data.Infos as Info[], edition) };
  }

  #errorsOf(
    { command, response }: Gbt32960Frame,
    { data, faults }: DecodedData,
    loginSeq: number | undefined,
  ): ErrorEntry[] {
    const errors = faults.map(({ path, code, offset, reason }) => errorEntry(path, code, offset, reason));
    if (response !== ResponseFlag.Command) return errors;
    const time = data.Time === undefined ? undefined : timeFault(data.Time as Time, this.#clock.now());
    if (time !== undefined) errors.push(errorEntry('Time', 'wrong_value', 0, time));
    const seq = data.Seq === undefined ? undefined : seqFault(command, data.Seq as number, loginSeq);
    if (seq !== undefined) errors.push(errorEntry('Seq', 'wrong_value', SEQ_OFFSET, seq));
    return errors;
  }

  #timeOf({ encryption, data }: Gbt32960Frame, plain: Buffer | undefined): Buffer {
    const bytes = plain ?? (encryption === Encryption.None ? data : undefined);
    if (bytes === undefined || bytes.length < TIME_SIZE) return timeBytes(this.#clock.now());
    return Buffer.from(bytes.subarray(0, TIME_SIZE));
  }
}

function errorEntry(Path: string, Code: string, Offset: number, Reason: string): ErrorEntry {
  return { Path, Code, Offset, Reason };
}

const UNDECRYPTABLE = errorEntry(
  '',
  'decryption_failed',
  0,
  'the data are not encrypted with the key that is configured',
);

function refusedWith(response: number): object {
  return { Code: 'refused', Reason: `the terminal answered with ${response}` };
}

/** A message that tells nothing at all is answered as wrong; one that was published need not come again. */
function structureProblem({ command }: Gbt32960Frame, { data, faults }: DecodedData): Problem | undefined {
  const [fault] = faults;
  if (fault === undefined) return undefined;
  const isLogin = command === Command.VehicleLogin || command === Command.PlatformLogin;
  const isWithoutSeq = isLogin && data.Seq === undefined;
  return isWithoutSeq || fault.path.startsWith('Time') ? 'bad_structure' : undefined;
}

function seqFault(command: number, seq: number, loginSeq: number | undefined): string | undefined {
  if (seq < 1 || seq > MAX_SEQ) return `it goes from 1 to ${MAX_SEQ}`;
  const isLogout = command === Command.VehicleLogout || command === Command.PlatformLogout;
  if (!isLogout || loginSeq === undefined || seq === loginSeq) return undefined;
  return `the login had ${loginSeq}`;
}
