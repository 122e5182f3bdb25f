import { type Edition, vinText } from '@portico/codec-gbt32960';
import type { CommandQueue } from './command-queue.js';
import type { SessionKey } from './keys/session-key.js';

/** Whose messages come by a connection: a vehicle, or the platform that forwards those of many. */
export interface Origin {
  /** As it stands in frames, with the NULs behind it. */
  readonly vin: string;
  readonly topics: Topics;
  /** That of its last frame: commands are written in it. */
  edition: Edition;
  /** Serial number of its login; undefined before one. */
  loginSeq: number | undefined;
  /** Of the card with which it is in the mobile network; undefined before its login. */
  iccid: string | undefined;
  /** The last one of its key exchanges. */
  sessionKey: SessionKey | undefined;
  /** What it has been told to do; undefined before the first command. */
  commands: CommandQueue | undefined;
}

/** The topics of a VIN, without mountpoint. */
export interface Topics {
  /** Without the last level. */
  readonly up: string;
  readonly dn: string;
}

/** The last level of the topics on which messages are published. */
export type UpstreamTopic =
  | 'vlogin'
  | 'vlogout'
  | 'info'
  | 'reinfo'
  | 'plogin'
  | 'plogout'
  | 'response'
  | 'cells'
  | 'transparent';

/**
 * What operators are told of a client, as far as it is known.
 * @param origin the vehicle, or the platform itself
 * @param vehicles that the platform has brought
 */
export function detailsOf(
  origin: Origin | undefined,
  vehicles: number | undefined,
): Readonly<Record<string, string>> {
  const { loginSeq, iccid, commands } = origin ?? {};
  return {
    ...(loginSeq !== undefined && { login_seq: String(loginSeq) }),
    ...(iccid !== undefined && { iccid: vinText(iccid) }),
    ...(vehicles === undefined ? { commands: String(commands?.size ?? 0) } : { vehicles: String(vehicles) }),
  };
}
