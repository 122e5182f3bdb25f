import {
  base64,
  bcd,
  byte,
  countOf,
  dword,
  joined,
  list,
  optional,
  packed,
  record,
  sized,
  sizeOf,
  text,
  word,
} from '@portico/record';
import { type MessageRow, message } from './row.js';

const command = { command: byte, param: base64('rest') };

const canData = joined(
  packed(dword, { channel: 1, frame_type: 1, data_method: 1, id: 29 }),
  record({ data: base64(8) }),
);

const string = text('rest');

/** What terminals collect: driving records, waybills, drivers and buses. */
export const COLLECTION_MESSAGES: readonly MessageRow[] = [
  message(0x8700, 'down', 'collect driving records', 'JT/T 808-2013 §8.43', command),
  message(0x0700, 'up', 'driving records', 'JT/T 808-2013 §8.44', {
    seq: word,
    command: byte,
    data: base64('rest'),
  }),
  message(0x8701, 'down', 'set parameters of driving records', 'JT/T 808-2013 §8.45', command),
  message(0x0701, 'up', 'electronic waybill', 'JT/T 808-2013 §8.46', {
    length: sizeOf('data', base64('rest'), dword),
    data: base64('length'),
  }),
  message(0x8702, 'down', 'query for the identity of the driver', 'JT/T 808-2013 §8.47'),
  message(
    0x0702,
    'up',
    'identity of the driver',
    'JT/T 808-2013 §8.48',
    {
      status: byte,
      time: bcd(6),
      ic_result: optional(byte),
      driver_name: optional(sized(byte, string)),
      certificate: optional(text(20)),
      organization: optional(sized(byte, string)),
      cert_expiry: optional(bcd(4)),
      id_card: optional(text(20)),
    },
    {
      driver_name: sized(byte, string),
      id_card: text(20),
      certificate: text(40),
      organization: sized(byte, string),
    },
  ),
  message(0x0705, 'up', 'CAN bus data', 'JT/T 808-2013 §8.50', {
    length: countOf('can_data', word),
    time: bcd(5),
    can_data: list(canData, 'length'),
  }),
];
