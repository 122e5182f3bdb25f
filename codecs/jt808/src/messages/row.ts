import { type RecordField, record, type Shape } from '@portico/record';

/** Who may send a message: terminals (up), platforms (down), or both. */
export type Direction = 'up' | 'down' | 'both';

/** All that there is to say of one message. */
export interface MessageRow {
  /** Message id, 0 to 65,535. */
  readonly id: number;
  /** What the standard calls it. */
  readonly name: string;
  readonly direction: Direction;
  /** Where it is defined: standard, edition and section. */
  readonly source: string;
  readonly body: RecordField<Shape>;
  /** The body where the edition of 2011 has another one altogether. */
  readonly body2011?: RecordField<Shape>;
}

/** Describes a message. */
export function message(
  id: number,
  direction: Direction,
  name: string,
  source: string,
  shape: Shape = {},
  shape2011?: Shape,
): MessageRow {
  const row = { id, name, direction, source, body: record(shape) };
  return shape2011 === undefined ? row : { ...row, body2011: record(shape2011) };
}
