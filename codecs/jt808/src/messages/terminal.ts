import {
  base64,
  bcd,
  byEdition,
  byte,
  characters,
  countOf,
  dword,
  list,
  since,
  sized,
  sizeOf,
  text,
  when,
  word,
} from '@portico/record';
import { parameterList } from '../parameters.js';
import { textOrHex } from '../text-or-hex.js';
import { type MessageRow, message } from './row.js';

const response = { seq: word, id: word, result: byte };

const SUCCESS = 0;

/** Connection, registration, parameters and upgrades of terminals. */
export const TERMINAL_MESSAGES: readonly MessageRow[] = [
  message(0x0001, 'up', 'terminal general response', 'JT/T 808-2013 §8.1', response),
  message(0x8001, 'down', 'platform general response', 'JT/T 808-2013 §8.2', response),
  message(0x0002, 'up', 'terminal heartbeat', 'JT/T 808-2013 §8.3'),
  message(0x8003, 'down', 'request for missing parts', 'JT/T 808-2013 §8.4', {
    seq: word,
    length: byEdition(countOf('ids', byte), [2019, countOf('ids', word)]),
    ids: list(word, 'length'),
  }),
  message(0x0005, 'up', 'request for missing parts by the terminal', 'JT/T 808-2019', {
    seq: word,
    count: countOf('ids', word),
    ids: list(word, 'count'),
  }),
  message(0x0004, 'up', 'query for the time of the server', 'JT/T 808-2019'),
  message(0x8004, 'down', 'time of the server', 'JT/T 808-2019', { time: bcd(6) }),
  message(0x0100, 'up', 'terminal registration', 'JT/T 808-2013 §8.5', {
    province: word,
    city: word,
    manufacturer: byEdition(characters(5), [2019, text(11)]),
    model: byEdition(text(8), [2013, text(20)], [2019, text(30)]),
    dev_id: byEdition(text(7), [2019, text(30)]),
    color: byte,
    license_number: text('rest'),
  }),
  message(0x8100, 'down', 'terminal registration response', 'JT/T 808-2013 §8.6', {
    seq: word,
    result: byte,
    auth_code: when((_edition, { result }) => result === SUCCESS, 'result is 0', text('rest')),
  }),
  message(0x0003, 'up', 'terminal logout', 'JT/T 808-2013 §8.7'),
  message(0x0102, 'up', 'terminal authentication', 'JT/T 808-2013 §8.8', {
    code: byEdition(text('rest'), [2019, sized(byte, text('rest'))]),
    imei: since(2019, text(15)),
    software_version: since(2019, text(20)),
  }),
  message(0x8103, 'down', 'set terminal parameters', 'JT/T 808-2013 §8.9', parameterList),
  message(0x8104, 'down', 'query for all terminal parameters', 'JT/T 808-2013 §8.10'),
  message(0x8106, 'down', 'query for some terminal parameters', 'JT/T 808-2013 §8.11', {
    length: countOf('ids', byte),
    ids: list(dword, 'length'),
  }),
  message(0x0104, 'up', 'terminal parameters', 'JT/T 808-2013 §8.12', { seq: word, ...parameterList }),
  message(0x8105, 'down', 'terminal control', 'JT/T 808-2013 §8.13', { command: byte, param: textOrHex }),
  message(0x8107, 'down', 'query for terminal properties', 'JT/T 808-2013 §8.14'),
  message(0x0107, 'up', 'terminal properties', 'JT/T 808-2013 §8.15', {
    type: word,
    manufacturer: characters(5),
    model: byEdition(text(20), [2019, text(30)]),
    id: byEdition(text(7), [2019, text(30)]),
    iccid: bcd(10),
    hardware_version: sized(byte, text('rest')),
    firmware_version: sized(byte, text('rest')),
    gnss_prop: byte,
    comm_prop: byte,
  }),
  message(0x8108, 'down', 'terminal upgrade package', 'JT/T 808-2013 §8.16', {
    type: byte,
    manufacturer: characters(5),
    ver_len: sizeOf('version', text('rest'), byte),
    version: text('ver_len'),
    fw_len: sizeOf('firmware', base64('rest'), dword),
    firmware: base64('fw_len'),
  }),
  message(0x0108, 'up', 'terminal upgrade result', 'JT/T 808-2013 §8.17', { type: byte, result: byte }),
];
