/** A value that cannot be written as its field: the mistake of whoever made the value. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  /** Where the value stands: `body.params[0].id`. */
  readonly path: string;
  /** What is wrong, and what is allowed. */
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
    this.reason = reason;
  }
}
