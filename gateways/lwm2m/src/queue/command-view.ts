import type { JsonValue } from '../commands/exact-json.js';

/** Where a command is: it waits for the device, or is on its way. */
export type CommandState = 'queued' | 'sent';

/** A command without an answer, as operators see it. */
export interface CommandView {
  readonly endpoint: string;
  readonly reqID: JsonValue | undefined;
  readonly msgType: JsonValue | undefined;
  readonly path: JsonValue;
  readonly state: CommandState;
}
