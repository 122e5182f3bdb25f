/** One field of a frame, for people who look at its bytes. */
export interface ExplainedField {
  /** As its standard calls it; within another, behind the name of that: `properties.topicAlias`. */
  readonly name: string;
  /** Bytes from the start of the frame. */
  readonly start: number;
  /** Behind its last byte. Several fields of some bits each have the same bytes. */
  readonly end: number;
  /** With its unit or meaning: `60 s`, `1 (authFailed)`. */
  readonly value: string;
  /** Whether it is a password, a key or the like, which only its owner may see. */
  readonly secret?: boolean;
}

/** What is wrong with a frame. */
export interface ExplainedFault {
  /** Bytes from the start of the frame. */
  readonly offset: number;
  readonly reason: string;
}

/** One frame with all that its codec knows of it, or bytes that are none. */
export interface ExplainedFrame {
  /** What it is: `CONNECT`, `0x0200 location report`. */
  readonly title: string;
  /** Bytes from the start of what was looked at. */
  readonly offset: number;
  /** As they came; a view. */
  readonly bytes: Buffer;
  /** In the order of the bytes; as far as the frame could be read. */
  readonly fields: readonly ExplainedField[];
  /** Empty where all is well. */
  readonly faults: readonly ExplainedFault[];
}

/** Most bytes of a field that are shown. */
const MOST_SHOWN = 512;

/** Text on one line, cut where it is very long. */
export function shownText(text: string): string {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN).toWellFormed()}…` : text;
  return JSON.stringify(shown);
}

/** Bytes as UTF-8 text where they are that, else how many there are. */
export function shownBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8', 0, MOST_SHOWN);
  const isText = bytes.length > 0 && /^[^\p{Cc}\ufffd]*$/u.test(text.replace(/[\t\r\n]/g, ''));
  if (!isText) return shownSize(bytes.length);
  return shownText(bytes.length > MOST_SHOWN ? `${text}…` : text);
}

/** How many bytes there are: `1 byte`, `2 bytes`. */
export function shownSize(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}

/** A number with its meaning: `1 (authFailed)`. */
export function shownCode(value: number, meaning: string | undefined): string {
  return meaning === undefined ? String(value) : `${value} (${meaning})`;
}
