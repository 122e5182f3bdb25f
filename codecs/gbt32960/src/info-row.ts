import { type RecordField, record, type Shape } from '@portico/record';

/** One kind of information in a report. */
export interface InfoRow {
  readonly type: number;
  /** Its `Type` in JSON. */
  readonly name: string;
  readonly record: RecordField<Shape>;
}

/** A row of a table of information, by its type. */
export function info(type: number, name: string, shape: Shape): readonly [number, InfoRow] {
  return [type, { type, name, record: record(shape) }];
}
