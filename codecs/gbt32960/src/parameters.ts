import {
  byEdition,
  byte,
  type Field,
  type RecordReader,
  type RecordWriter,
  type Siblings,
  text,
  word,
} from '@portico/record';
import { codeText } from './fields.js';

/** A parameter of a terminal. */
export interface ParameterRow {
  /** What it sets. */
  readonly name: string;
  readonly field: Field<unknown>;
  /** The parameter before it that tells its bytes. */
  readonly sizedBy?: number;
}

const shorterSince2025 = byEdition(word, [2025, byte]);

/** Parameters of terminals by their id (GB/T 32960.3-2016 table B.10). */
export const PARAMETERS: ReadonlyMap<number, ParameterRow> = new Map<number, ParameterRow>([
  [0x01, { name: 'local storage period, ms', field: word }],
  [0x02, { name: 'report period, s', field: shorterSince2025 }],
  [0x03, { name: 'report period during an alarm, s', field: shorterSince2025 }],
  [0x04, { name: 'length of the management platform address', field: byte }],
  [0x05, { name: 'management platform address', field: text('Size'), sizedBy: 0x04 }],
  [0x06, { name: 'management platform port', field: word }],
  [0x07, { name: 'hardware version', field: text(5) }],
  [0x08, { name: 'firmware version', field: text(5) }],
  [0x09, { name: 'heartbeat period, s', field: byte }],
  [0x0a, { name: 'time to wait for an answer of the terminal, s', field: word }],
  [0x0b, { name: 'time to wait for an answer of the platform, s', field: word }],
  [0x0c, { name: 'time between logins after three failures, min', field: byte }],
  [0x0d, { name: 'length of the public platform address', field: byte }],
  [0x0e, { name: 'public platform address', field: text('Size'), sizedBy: 0x0d }],
  [0x0f, { name: 'public platform port', field: word }],
  [0x10, { name: 'whether it is being sampled', field: byte }],
]);

/** A parameter as it stands in JSON: `{"0x01": 6000}`. */
export type Parameter = Readonly<Record<string, unknown>>;

/** Parameters, as many as `Total` says, each behind its id. */
export const parameters: Field<Parameter[]> = {
  type: 'parameters',
  form: { kind: 'derived' },
  compound: true,
  read(reader, { Total: total }) {
    const found: Parameter[] = [];
    const sizes = new Map<number, unknown>();
    while (found.length < (total as number)) found.push(readParameter(reader, sizes));
    return found;
  },
  write(writer, value) {
    if (!Array.isArray(value)) throw writer.error('a list is needed');
    const sizes = new Map<number, unknown>();
    for (let index = 0; index < value.length; index++) {
      writer.enter(String(index));
      writeParameter(writer, value[index], sizes);
      writer.leave();
    }
  },
};

function readParameter(reader: RecordReader, sizes: Map<number, unknown>): Parameter {
  const id = reader.u8();
  const row = PARAMETERS.get(id);
  if (row === undefined) throw reader.error('wrong_value', `parameter ${id} is not known`);
  const size = sizeBefore(row, sizes);
  if (size === undefined) throw reader.error('wrong_value', `parameter ${id} is not behind its length`);
  const value = row.field.read(reader, { Size: size });
  sizes.set(id, value);
  return { [codeText(id, 2, '0x')]: value };
}

function writeParameter(writer: RecordWriter, parameter: unknown, sizes: Map<number, unknown>): void {
  if (typeof parameter !== 'object' || parameter === null) throw writer.error('an object is needed');
  const [entry, ...others] = Object.entries(parameter as Siblings);
  if (entry === undefined || others.length > 0) throw writer.error('one id with its value is needed');
  const [key, value] = entry;
  const id = Number(key);
  const row = PARAMETERS.get(id);
  if (row === undefined) throw writer.error('the id of a parameter is needed');
  writer.u8(id);
  writer.field = key;
  const at = writer.length;
  row.field.write(writer, value, parameter as Siblings);
  const size = sizeBefore(row, sizes);
  if (size !== ANY_SIZE && size !== writer.length - at) {
    throw writer.error('the parameter before it that is its length must be its number of bytes');
  }
  sizes.set(id, value);
}

/** Of parameters that have one size. */
const ANY_SIZE = -1;

/** How many bytes it has, as a parameter before it says. */
function sizeBefore({ sizedBy }: ParameterRow, sizes: ReadonlyMap<number, unknown>): number | undefined {
  return sizedBy === undefined ? ANY_SIZE : (sizes.get(sizedBy) as number | undefined);
}
