import { FrameError } from '@portico/frame';

/** What can be wrong with the bytes of a peer. */
export type StompErrorCode =
  /** No command of any version. */
  | 'unknown_command'
  /** More headers than {@link DecoderOptions.maxHeaders}. */
  | 'too_many_headers'
  /** A header longer than {@link DecoderOptions.maxHeaderLength}. */
  | 'header_too_long'
  /** A body longer than {@link DecoderOptions.maxBodyLength}. */
  | 'body_too_long'
  /** A header without a name or without a colon. */
  | 'malformed_header'
  /** Command or headers are not UTF-8. */
  | 'not_utf8'
  /** A backslash before something that the version does not know. */
  | 'unknown_escape'
  /** `content-length` is no number of bytes. */
  | 'bad_content_length'
  /** No NUL behind as many bytes as `content-length` says. */
  | 'missing_nul'
  /** A body in a frame that must not have one. */
  | 'unexpected_body';

/** @param offset of the byte that is at fault, from the first one of the frame */
export function frameError(code: StompErrorCode, offset: number, reason: string): FrameError<StompErrorCode> {
  return new FrameError(code, offset, reason);
}

export function unknownCommand(line: string): FrameError<StompErrorCode> {
  return frameError('unknown_command', 0, `${JSON.stringify(line)} is no command`);
}
