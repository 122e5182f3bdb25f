import {
  byte,
  choice,
  type Field,
  type RecordReader,
  type RecordWriter,
  record,
  text,
  when,
  word,
} from '@portico/record';
import { code } from './fields.js';

const SEPARATOR = ';';
const SEPARATOR_BYTE = SEPARATOR.charCodeAt(0);

/** A field that ends with a semicolon. */
function ended<T>(field: Field<T>): Field<T> {
  return {
    ...field,
    read(reader, siblings) {
      const value = field.read(reader, siblings);
      if (reader.u8() !== SEPARATOR_BYTE) throw reader.error('wrong_value', 'a semicolon is missing');
      return value;
    },
    write(writer, value, siblings) {
      field.write(writer, value, siblings);
      writer.u8(SEPARATOR_BYTE);
    },
  };
}

/** Text up to the next semicolon, which it cannot have within. */
const upToSeparator: Field<string> = {
  type: 'STRING',
  form: { kind: 'text', length: 'rest' },
  read(reader) {
    const size = reader.bytes.subarray(reader.at, reader.end).indexOf(SEPARATOR_BYTE);
    if (size < 0) throw reader.error('wrong_value', 'a semicolon is missing');
    return reader.text.decode(reader.take(size));
  },
  write(writer, value) {
    const bytes =
      typeof value === 'string' && !value.includes(SEPARATOR) ? writer.text.encode(value) : undefined;
    if (bytes === undefined) throw writer.error('text without semicolons is needed');
    writer.put(bytes);
  },
};

/** An address of IP version 4, behind two bytes 0. */
const ipAddress: Field<string> = {
  type: 'BYTE[6]',
  form: { kind: 'text', length: 6 },
  read: (reader: RecordReader) => [...reader.take(6).subarray(2)].join('.'),
  write(writer: RecordWriter, value) {
    const parts = typeof value === 'string' ? value.split('.') : [];
    if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) {
      throw writer.error('an address of IP version 4 is needed');
    }
    writer.u16(0);
    for (const part of parts) writer.u8(Number(part));
  },
};

/** Where a terminal finds new firmware, and how long it may take, in minutes (GB/T 32960.3-2016 table B.15). */
const upgrade = record({
  DialingName: ended(upToSeparator),
  Username: ended(upToSeparator),
  Password: ended(upToSeparator),
  Ip: ended(ipAddress),
  Port: ended(word),
  ManufacturerId: ended(text(4)),
  HardwareVer: ended(text(5)),
  SoftwareVer: ended(text(5)),
  UpgradeUrl: ended(upToSeparator),
  Timeout: word,
});

const alarm = record({ Level: byte, Message: text('rest') });

/** What a terminal is to do (GB/T 32960.3-2016 table B.14); those without parameters have none. */
const CONTROL_PARAMETERS: ReadonlyMap<unknown, Field<unknown>> = new Map<unknown, Field<unknown>>([
  ['0x01', upgrade],
  ['0x06', alarm],
]);

/** Nothing; written, there must be nothing. */
const none: Field<undefined> = {
  type: '',
  form: { kind: 'derived' },
  read: () => undefined,
  write(writer, value) {
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    if (value !== undefined && !isEmpty) throw writer.error('there are no parameters of this command');
  },
};

/** Of 0x01 upgrade, 0x02 power off, 0x03 reset, 0x04 factory settings, 0x05 disconnect, 0x06 alarm, 0x07 sample. */
export const controlCommand = code(byte, 2, '0x');

/** By the `Command` before it: those that have parameters are nothing without. */
export const controlParameter = when(
  (_edition, { Command }, left) => left > 0 || CONTROL_PARAMETERS.has(Command),
  'of 0x01 and 0x06',
  { ...choice('Command', CONTROL_PARAMETERS, none), compound: true },
);
