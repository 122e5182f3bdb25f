import { byte, characters, type Field, type IntegerField, record, word } from '@portico/record';

/** When something was, in the time of China (GMT+8); the year counts from 2000 on (GB/T 32960.3-2016 table 5). */
export const time = record({
  Year: byte,
  Month: byte,
  Day: byte,
  Hour: byte,
  Minute: byte,
  Second: byte,
});

/** The serial number of a login, and of the logout that ends it. */
export const seq = word;

/** A vehicle identification number within the data. */
export const vin = characters(17);

/** Bytes in upper-case hexadecimal. @param length of them: the sibling of that name */
export function hex(length: string): Field<string> {
  return {
    type: `BYTE[${length}]`,
    form: { kind: 'text', length },
    read: (reader, siblings) => reader.hex(siblings[length] as number).toUpperCase(),
    write(writer, value, siblings) {
      const size = siblings[length] as number;
      if (typeof value !== 'string' || !writer.hex(value, size)) {
        throw writer.error(`${size} bytes in hexadecimal are needed`);
      }
    },
  };
}

/** How many bytes the hexadecimal text of that name stands for: read, it says so; written, it is measured. */
export function hexSizeOf(name: string, number: IntegerField): Field<number> {
  return {
    type: number.type,
    form: { kind: 'derived' },
    read: number.read,
    write(writer, _value, siblings) {
      const digits = siblings[name];
      number.write(writer, typeof digits === 'string' ? digits.length / 2 : 0, siblings);
    },
  };
}

const CODE = /^(?:0x)?([0-9a-f]{1,8})$/i;

/**
 * A number that stands in JSON as upper-case hexadecimal.
 * @param number how it is written
 * @param digits how many the text has at least
 * @param prefix before them
 */
export function code(number: IntegerField, digits: number, prefix = ''): Field<string> {
  return {
    type: number.type,
    form: { kind: 'text', length: number.size },
    read: (reader, siblings) => codeText(number.read(reader, siblings), digits, prefix),
    write(writer, value, siblings) {
      const found = typeof value === 'string' ? CODE.exec(value)?.[1] : undefined;
      if (found === undefined) throw writer.error('hexadecimal digits are needed');
      number.write(writer, Number.parseInt(found, 16), siblings);
    },
  };
}

/** A number in upper-case hexadecimal. */
export function codeText(value: number, digits: number, prefix: string): string {
  return prefix + value.toString(16).toUpperCase().padStart(digits, '0');
}
