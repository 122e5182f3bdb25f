import { Command, type Edition, encodeData, RecordError, ResponseFlag } from '@portico/codec-gbt32960';
import { timeOf } from './china-time.js';

/** What a terminal is to do. */
export interface TerminalCommand {
  readonly edition: Edition;
  readonly command: number;
  readonly response: number;
  readonly vin: string;
  /** Begins with the time at which it is sent first. */
  readonly data: Buffer;
}

/** Why a command was not carried out, as it is told on the response topic. */
export interface CommandFailure {
  readonly Code: 'invalid' | 'queue_full' | 'no_response' | 'disconnected';
  readonly Reason: string;
}

const ACTIONS: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['Query', Command.Query],
  ['Setting', Command.Setting],
  ['Control', Command.Control],
]);

/**
 * Understands what came on the topic of commands for a VIN.
 * @param to whose it is, and what edition it speaks
 * @param now milliseconds since 1970
 * @returns what is wrong, with the command as far as it is known
 */
export function parseCommand(
  payload: Buffer,
  to: { readonly vin: string; readonly edition: Edition },
  now: number,
): TerminalCommand | { readonly error: string; readonly command: number | undefined } {
  const json = parseJson(payload);
  const command = ACTIONS.get(json?.Action);
  if (command === undefined) {
    return { error: 'an object with the Action Query, Setting or Control is needed', command };
  }
  const { vin, edition } = to;
  try {
    const data = encodeData({ edition, command, data: { ...json, Time: timeOf(now) } });
    return { edition, command, response: ResponseFlag.Command, vin, data: Buffer.from(data) };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { error: error.message, command };
  }
}

function parseJson(payload: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(payload.toString());
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The message on the response topic about a command that failed. @param command undefined where it is not known */
export function failurePayload(vin: string, command: number | undefined, failure: CommandFailure): Buffer {
  return Buffer.from(JSON.stringify({ Cmd: command, Encrypt: 1, Vin: vin, Error: failure }));
}
