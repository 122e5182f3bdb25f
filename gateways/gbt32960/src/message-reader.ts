import {
  Command,
  type DecodedData,
  decodeData,
  Encryption,
  type Gbt32960Frame,
  type Gbt32960Header,
  type Info,
  ResponseFlag,
  scaledInfos,
  signatureOf,
} from '@portico/codec-gbt32960';
import type { Clock } from '@portico/core';
import { TIME_SIZE, type Time, timeBytes, timeFault } from './china-time.js';
import type { Gbt32960Config } from './config.js';
import type { KeyRing, Sender } from './keys/key-ring.js';
import { sessionKeyOf, withoutKey } from './keys/session-key.js';
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
  readonly #keys: KeyRing;
  readonly #clock: Clock;

  constructor(config: Pick<Gbt32960Config, 'format'>, keys: KeyRing, clock: Clock) {
    this.#isScaled = config.format === 'scaled';
    this.#keys = keys;
    this.#clock = clock;
  }

  read(frame: Gbt32960Frame, sender: Sender): Reading {
    const decrypt = this.#keys.decrypt(frame, sender, this.#clock.now());
    const plain = decrypt?.(frame.data);
    const isUndecryptable = decrypt !== undefined && plain === undefined;
    const decoded = decodeData(frame, plain === undefined ? {} : { plain });
    const errors = this.#errorsOf(frame, decoded, sender.origin?.loginSeq);
    if (isUndecryptable) errors.push(UNDECRYPTABLE);
    const isSigned = this.#isSigned(frame, decoded, plain ?? frame.data);
    if (isSigned === false) errors.push(WRONGLY_SIGNED);
    return {
      payload: this.#payload(frame, decoded.data, isSigned, errors),
      data: decoded.data,
      isFaulty: errors.length > 0,
      problem: isUndecryptable
        ? 'bad_decryption'
        : (structureProblem(frame, decoded) ?? signatureProblem(isSigned)),
      time: this.timeOf(frame, plain),
    };
  }

  /** @returns undefined for messages that need no signature, and where nothing is known of who signs */
  #isSigned(frame: Gbt32960Frame, { data }: DecodedData, plain: Buffer): boolean | undefined {
    if (!SIGNED.has(frame.command) || frame.response !== ResponseFlag.Command) return undefined;
    const verify = this.#keys.verify(frame);
    if (verify === undefined) return undefined;
    const signature = signatureOf(frame.command, data, plain.length);
    return signature !== undefined && verify(plain.subarray(0, signature.covered), signature);
  }

  /** The JSON of a report that joins several. @param last of them */
  joined(last: Gbt32960Header, infos: readonly Info[], time: unknown): Buffer {
    return this.#payload(last, { Time: time, Infos: infos }, undefined, []);
  }

  #payload(
    frame: Gbt32960Header,
    data: DecodedData['data'],
    isSigned: boolean | undefined,
    errors: readonly ErrorEntry[],
  ): Buffer {
    const { command, encryption, vin, edition, response } = frame;
    const json: Record<string, unknown> = { Cmd: command, Encrypt: encryption, Vin: vin };
    if (edition === 2025) json.ProtoVer = '2025';
    json.Data = this.#shown(frame, data);
    if (isSigned !== undefined) json.Signed = isSigned;
    if (errors.length > 0) json.Errors = errors;
    if (response > ResponseFlag.Success && response !== ResponseFlag.Command)
      json.Error = refusedWith(response);
    return Buffer.from(JSON.stringify(json));
  }

  /** What everybody may see: passwords and keys are no business of those who are told that somebody used them. */
  #shown(frame: Gbt32960Header, data: DecodedData['data']): unknown {
    const { command, edition } = frame;
    if (command === Command.PlatformLogin && 'Password' in data) {
      const { Password: _, ...others } = data;
      return others;
    }
    if (sessionKeyOf(frame, data) !== undefined) return withoutKey(data);
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

  /**
   * The time with which a frame is answered: its own, or that of the hub where it cannot be read.
   * @param plain its data where they were decrypted
   */
  timeOf({ encryption, data }: Gbt32960Frame, plain?: Buffer): Buffer {
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

const WRONGLY_SIGNED = errorEntry(
  '',
  'wrong_signature',
  0,
  'no signature by the key of the vehicle ends the data',
);

/** What vehicles sign (GB/T 32960.3-2025 §7.2.2 and B.3.5.5). */
const SIGNED: ReadonlySet<number> = new Set([Command.RealTimeReport, Command.Reissue, Command.Activation]);

function signatureProblem(isSigned: boolean | undefined): Problem | undefined {
  return isSigned === false ? 'bad_signature' : undefined;
}

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
