import type { DecodedBody, Jt808Header } from '@portico/codec-jt808';

/** A message as applications get it. */
export function messageJson(header: Jt808Header, { body, faults }: DecodedBody): Buffer {
  if (faults.length === 0) return json({ header, body });
  const errors = faults.map(({ path, code, reason }) => ({ path, code, reason }));
  return json({ header, body, errors });
}

/** Why a command was not carried out. */
export type CommandProblem =
  /** It cannot be written as a message. */
  | 'bad_command'
  /** Too many others wait: those that have waited longest are dropped. */
  | 'queue_full'
  /** The terminal has not answered, however often it was sent. */
  | 'no_answer';

/** What applications are told of a command that was not carried out. @param header as far as it is known */
export function problemJson(
  header: Readonly<Record<string, unknown>>,
  error: CommandProblem,
  reason: string,
): Buffer {
  return json({ header, error, reason });
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
