/** What is wrong with an object definition file, and where. */
export class ObjectXmlError extends Error {
  override readonly name = 'ObjectXmlError';
  /** Counted from 1; 1 also for what concerns the file as a whole. */
  readonly line: number;
  readonly reason: string;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
    this.reason = reason;
  }
}
