import { byte, countOf, list, optional, record, since, sizeOf, text, word } from '@portico/record';
import { type MessageRow, message } from './row.js';

const string = text('rest');

const event = record({ id: byte, length: sizeOf('content', string, byte), content: text('length') });
const answer = record({ id: byte, len: sizeOf('answer', string, word), answer: text('len') });
const menu = record({ type: byte, length: sizeOf('info', string, word), info: text('length') });
const contact = record({
  type: byte,
  phone_len: sizeOf('phone', string, byte),
  phone: text('phone_len'),
  name_len: sizeOf('name', string, byte),
  name: text('name_len'),
});

/** Texts, questions, menus and phone numbers for drivers. */
export const INFORMATION_MESSAGES: readonly MessageRow[] = [
  message(0x8300, 'down', 'text', 'JT/T 808-2013 §8.23', {
    flag: byte,
    text_type: since(2019, byte),
    text: string,
  }),
  message(0x8301, 'down', 'set events', 'JT/T 808-2013 §8.24', {
    type: byte,
    length: optional(countOf('events', byte), 'events'),
    events: optional(list(event, 'length'), 'length'),
  }),
  message(0x0301, 'up', 'event report', 'JT/T 808-2013 §8.25', { id: byte }),
  message(0x8302, 'down', 'question', 'JT/T 808-2013 §8.26', {
    flag: byte,
    length: sizeOf('question', string, byte),
    question: text('length'),
    answers: list(answer, 'rest'),
  }),
  message(0x0302, 'up', 'answer', 'JT/T 808-2013 §8.27', { seq: word, id: byte }),
  message(0x8303, 'down', 'set information menu', 'JT/T 808-2013 §8.28', {
    type: byte,
    length: optional(countOf('menus', byte), 'menus'),
    menus: optional(list(menu, 'length'), 'length'),
  }),
  message(0x0303, 'up', 'information wanted or not', 'JT/T 808-2013 §8.29', { id: byte, flag: byte }),
  message(0x8304, 'down', 'information', 'JT/T 808-2013 §8.30', {
    type: byte,
    length: sizeOf('info', string, word),
    info: text('length'),
  }),
  message(0x8400, 'down', 'call back', 'JT/T 808-2013 §8.31', { type: byte, phone: string }),
  message(0x8401, 'down', 'set phone book', 'JT/T 808-2013 §8.32', {
    type: byte,
    length: optional(countOf('contacts', byte), 'contacts'),
    contacts: optional(list(contact, 'length'), 'length'),
  }),
];
