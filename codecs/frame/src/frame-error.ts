/**
 * Input that breaks its protocol's rules. The only error a codec throws for anything a peer sends; whatever
 * else a codec throws is a bug of the codec.
 *
 * `code` is the codec's own name for what is wrong (each codec exports the union of its codes), so that a
 * channel can answer in its protocol by table. `offset` counts bytes from the start of the frame.
 */
export class FrameError<Code extends string = string> extends Error {
  override readonly name = 'FrameError';
  readonly code: Code;
  readonly offset: number;

  constructor(code: Code, offset: number, reason: string) {
    super(reason);
    this.code = code;
    this.offset = offset;
  }
}

/** True for a {@link FrameError} of any copy of this package. */
export function isFrameError(error: unknown): error is FrameError {
  return error instanceof Error && error.name === 'FrameError';
}
