import { base64, byte, dword, sizeOf } from '@portico/record';
import { type MessageRow, message } from './row.js';

const transparent = { type: byte, data: base64('rest') };
const rsaKey = { e: dword, n: base64(128) };

/** Data of applications, and keys. */
export const DATA_MESSAGES: readonly MessageRow[] = [
  message(0x8900, 'down', 'transparent data down', 'JT/T 808-2013 §8.61', transparent),
  message(0x0900, 'up', 'transparent data up', 'JT/T 808-2013 §8.62', transparent),
  message(0x0901, 'up', 'compressed data', 'JT/T 808-2013 §8.63', {
    length: sizeOf('data', base64('rest'), dword),
    data: base64('length'),
  }),
  message(0x8a00, 'down', 'RSA key of the platform', 'JT/T 808-2013 §8.64', rsaKey),
  message(0x0a00, 'up', 'RSA key of the terminal', 'JT/T 808-2013 §8.65', rsaKey),
];
