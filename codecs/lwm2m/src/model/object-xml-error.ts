/** Longest reason, in UTF-16 code units: what it cites of the file may be as long as that. */
const MAX_REASON = 300;

/** What is wrong with an object definition file, and where. */
export class ObjectXmlError extends Error {
  override readonly name = 'ObjectXmlError';
  /** Counted from 1; 1 also for what concerns the file as a whole. */
  readonly line: number;
  readonly reason: string;

  constructor(line: number, reason: string) {
    const shortened = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason;
    super(`line ${line}: ${shortened}`);
    this.line = line;
    this.reason = shortened;
  }
}
