import type { Command } from './command.js';
import type { JsonValue } from './exact-json.js';

/** Where a command is: it waits for the device, or is on its way. */
export type CommandState = 'queued' | 'sent';

/** A command without an answer, as operators see it. */
export interface CommandView {
  readonly reqID: JsonValue | undefined;
  readonly msgType: JsonValue | undefined;
  readonly path: JsonValue;
  readonly state: CommandState;
}

/** A command as operators see it. */
export function viewOf({ fields, reqPath }: Command, state: CommandState): CommandView {
  return { reqID: fields.reqID, msgType: fields.msgType, path: reqPath, state };
}
