import { formatPath } from '@portico/codec-lwm2m';
import type { Command, Operation } from '../commands/command.js';

/** Half of the numbers of 24 bits: what is further ahead is behind, RFC 7641 §3.4. */
const HALF = 2 ** 23;
/** Milliseconds after which any notification is newer, RFC 7641 §3.4. */
const NEWER_AFTER = 128_000;

/** What a device tells of by itself until it is cancelled, RFC 7641. */
export class Observation {
  /** What its notifications are recognized by, wherever they come from. */
  readonly token: Buffer;
  /** The command that asked for it, whose fields notifications repeat. */
  readonly command: Command;
  /** Observe of the last notification; undefined before the first one, and after a start of the hub. */
  #lastSequence: number | undefined;
  /** Milliseconds on the monotonic clock. */
  #lastArrival = 0;

  constructor(token: Buffer, command: Command) {
    this.token = token;
    this.command = command;
  }

  /**
   * Whether a notification is newer than all before; then others are measured by it.
   * @param sequence its Observe option
   * @param now milliseconds on the monotonic clock
   */
  takes(sequence: number, now: number): boolean {
    const last = this.#lastSequence;
    if (last !== undefined && now <= this.#lastArrival + NEWER_AFTER && !isAhead(sequence, last))
      return false;
    this.#lastSequence = sequence;
    this.#lastArrival = now;
    return true;
  }
}

function isAhead(sequence: number, last: number): boolean {
  return last < sequence ? sequence - last < HALF : last - sequence > HALF;
}

/**
 * What an operation observes, or no longer is to observe: the same for both. A device has one observation of it at
 * most. Undefined for operations that are about no observation.
 */
export function subjectOf(operation: Operation): string | undefined {
  switch (operation.type) {
    case 'observe':
    case 'cancel-observe':
      return formatPath(operation.path);
    case 'observe-composite':
    case 'cancel-observe-composite':
      return `composite ${operation.paths.map(formatPath).join(' ')}`;
    default:
      return undefined;
  }
}

/** Whether an operation begins an observation. */
export function isObserve(
  operation: Operation,
): operation is Extract<Operation, { readonly type: 'observe' | 'observe-composite' }> {
  return operation.type === 'observe' || operation.type === 'observe-composite';
}
