import type { Answered } from './answers.js';
import { type CommandEnd, type CommandView, viewOf } from './command-view.js';
import type { JsonValue } from './exact-json.js';

/** Commands of one device that are remembered when they are over; then the one that was over first is forgotten. */
const MAX_COMMANDS = 8;
/** Paths that are remembered of one command. */
const MAX_PATHS = 16;

/** How the last commands of a device ended, for operators; gone with the device, or the hub. */
export class FinishedCommands implements Iterable<CommandView> {
  /** By their numbers, in the order in which they were over. */
  readonly #views = new Map<number, CommandView>();

  /** A command is over; one that was given up and is answered late is over once more. */
  add(number: number, { fields, reqPath }: Answered, end: CommandEnd): void {
    this.#views.delete(number);
    this.#views.set(number, viewOf({ fields, reqPath: firstPaths(reqPath) }, end));
    if (this.#views.size <= MAX_COMMANDS) return;
    for (const oldest of this.#views.keys()) {
      this.#views.delete(oldest);
      break;
    }
  }

  /** In the order in which they were over. */
  [Symbol.iterator](): IterableIterator<CommandView> {
    return this.#views.values();
  }
}

function firstPaths(reqPath: JsonValue): JsonValue {
  return Array.isArray(reqPath) && reqPath.length > MAX_PATHS ? reqPath.slice(0, MAX_PATHS) : reqPath;
}
