import { type Field, text } from '@portico/record';

/** Bytes that are no text. */
export interface Hex {
  readonly hex: string;
}

const plain = text('rest');
const NOT_TEXT = '\ufffd';

/**
 * Text up to the end. Some commands of 0x8105 have binary numbers between their texts (JT/T 808-2013 table 19): bytes
 * that are no text stand as `{"hex": "…"}`.
 */
export const textOrHex: Field<string | Hex> = {
  type: 'STRING',
  form: plain.form,
  read(reader, siblings) {
    const { at, end } = reader;
    const shown = plain.read(reader, siblings);
    return shown.includes(NOT_TEXT) ? { hex: reader.bytes.toString('hex', at, end).toUpperCase() } : shown;
  },
  write(writer, value, siblings) {
    const hex = typeof value === 'object' && value !== null ? (value as Partial<Hex>).hex : undefined;
    if (hex === undefined) plain.write(writer, value, siblings);
    else if (typeof hex !== 'string' || !writer.hex(hex, hex.length / 2)) {
      throw writer.error('pairs of hexadecimal digits are needed');
    }
  },
};
