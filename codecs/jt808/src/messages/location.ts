import { base64, byte, countOf, dword, list, optional, record, sized, word } from '@portico/record';
import { location } from '../location.js';
import { type MessageRow, message } from './row.js';

/** Where vehicles are. */
export const LOCATION_MESSAGES: readonly MessageRow[] = [
  message(0x0200, 'up', 'location report', 'JT/T 808-2013 §8.18', location.shape),
  message(0x8201, 'down', 'location query', 'JT/T 808-2013 §8.19'),
  message(0x0201, 'up', 'location query response', 'JT/T 808-2013 §8.20', { seq: word, params: location }),
  message(0x8202, 'down', 'temporary location tracking', 'JT/T 808-2013 §8.21', {
    period: word,
    expiry: optional(dword),
  }),
  message(0x8203, 'down', 'manual alarm confirmation', 'JT/T 808-2013 §8.22', { seq: word, type: dword }),
  message(0x8204, 'down', 'link check', 'JT/T 808-2019'),
  message(0x0704, 'up', 'batch of locations', 'JT/T 808-2013 §8.49', {
    length: countOf('location', word),
    type: byte,
    location: list(sized(word, location, record({ data: base64('rest') })), 'length'),
  }),
];
