import type { Answered } from './answers.js';
import type { JsonValue } from './exact-json.js';
import type { Failure } from './response-codes.js';

/** How a command ended: the device answered, whatever it said; it did not in time; or something else came in between. */
export type CommandEnd = 'done' | 'timeout' | 'failed';

/** Where a command is: it waits for the device, is on its way, or is over. */
export type CommandState = 'queued' | 'sent' | CommandEnd;

/** A command as operators see it. */
export interface CommandView {
  readonly reqID: JsonValue | undefined;
  readonly msgType: JsonValue | undefined;
  readonly path: JsonValue;
  readonly state: CommandState;
}

/** A command as operators see it. */
export function viewOf({ fields, reqPath }: Answered, state: CommandState): CommandView {
  return { reqID: fields.reqID, msgType: fields.msgType, path: reqPath, state };
}

/** Those that mean that the time of a command was over. */
const TIMEOUTS: ReadonlySet<Failure> = new Set(['timeout', 'expired', 'interrupted']);

/** How a command ended that the device did not answer. */
export function endOf(failure: Failure): CommandEnd {
  return TIMEOUTS.has(failure) ? 'timeout' : 'failed';
}
