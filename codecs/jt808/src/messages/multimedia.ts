import {
  base64,
  bcd,
  byte,
  countOf,
  dword,
  type Field,
  list,
  optional,
  record,
  since,
  word,
} from '@portico/record';
import { position } from '../location.js';
import { type MessageRow, message } from './row.js';

const media = { id: dword, type: byte, format: byte, event: byte, channel: byte };
const wanted = { type: byte, channel: byte, event: byte, start_time: bcd(6), end_time: bcd(6) };

/** How many parts are asked for again. It may be missing, with these, where all have come. */
const count = countOf('retx_ids', byte);
const countIfAny: Field<number> = {
  ...count,
  condition: 'may be missing without retx_ids',
  read: (reader, siblings) => (reader.left === 0 ? 0 : count.read(reader, siblings)),
  write(writer, value, siblings) {
    if (siblings.retx_ids !== undefined) count.write(writer, value, siblings);
  },
};

const retransmitted = list(word, 'length');
const retransmittedIfAny: Field<number[]> = {
  ...retransmitted,
  write(writer, value, siblings) {
    if (value !== undefined) retransmitted.write(writer, value, siblings);
  },
};

/** Photos, sound and video. */
export const MULTIMEDIA_MESSAGES: readonly MessageRow[] = [
  message(0x0800, 'up', 'multimedia event', 'JT/T 808-2013 §8.51', media),
  message(0x0801, 'up', 'multimedia data', 'JT/T 808-2013 §8.52', {
    ...media,
    location: since(2013, position),
    multimedia: base64('rest'),
  }),
  message(0x8800, 'down', 'multimedia data response', 'JT/T 808-2013 §8.53', {
    mm_id: dword,
    length: countIfAny,
    retx_ids: retransmittedIfAny,
  }),
  message(0x8801, 'down', 'take photos or record video', 'JT/T 808-2013 §8.54', {
    channel_id: byte,
    command: word,
    period: word,
    save: byte,
    resolution: byte,
    quality: byte,
    bright: byte,
    contrast: byte,
    saturate: byte,
    chromaticity: byte,
  }),
  message(0x0805, 'up', 'photos taken', 'JT/T 808-2013 §8.55', {
    seq: word,
    result: byte,
    length: optional(countOf('ids', word), 'ids'),
    ids: optional(list(dword, 'length'), 'length'),
  }),
  message(0x8802, 'down', 'search for stored multimedia', 'JT/T 808-2013 §8.56', wanted),
  message(0x0802, 'up', 'stored multimedia found', 'JT/T 808-2013 §8.57', {
    seq: word,
    length: countOf('result', word),
    result: list(
      record({ id: since(2013, dword), type: byte, channel: byte, event: byte, location: position }),
      'length',
    ),
  }),
  message(0x8803, 'down', 'upload stored multimedia', 'JT/T 808-2013 §8.58', { ...wanted, delete: byte }),
  message(0x8804, 'down', 'record sound', 'JT/T 808-2013 §8.59', {
    command: byte,
    time: word,
    save: byte,
    rate: byte,
  }),
  message(0x8805, 'down', 'upload one stored multimedia item', 'JT/T 808-2013 §8.60', {
    id: dword,
    flag: byte,
  }),
];
