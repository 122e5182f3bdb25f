import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBlock } from './block.js';
import { codeName, codeOf, codeText, isRequest, isResponse, Method, ResponseCode } from './codes.js';
import { mediaType } from './content-formats.js';
import { type CoapMessage, emptyMessage, MessageType } from './message.js';
import {
  emptyOption,
  findOption,
  isCritical,
  isMalformed,
  isNoCacheKey,
  isUnsafe,
  OPTIONS,
  type OptionDefinition,
  OptionNumber,
  opaqueOption,
  optionDefinition,
  sortOptions,
  stringOption,
  stringsOf,
  uintOf,
  uintOption,
  validText,
} from './options.js';

function definition(number: number): OptionDefinition {
  const found = optionDefinition(number);
  assert.ok(found !== undefined);
  return found;
}

function withOptions(...options: CoapMessage['options'][number][]): CoapMessage {
  return { ...emptyMessage(MessageType.CON, 1), code: 1, options: sortOptions(options) };
}

test('critical, unsafe and no-cache-key follow from the number', () => {
  // Columns C, U and N of RFC 7252 table 4, and of RFC 7641, 7959 and 7967.
  const columns = OPTIONS.map(({ number, name }) => {
    const marks = [isCritical(number) && 'C', isUnsafe(number) && 'U', isNoCacheKey(number) && 'N'];
    return [name, marks.filter((mark) => mark !== false).join('')];
  });
  const expected: Record<string, string> = {
    'If-Match': 'C',
    'Uri-Host': 'CU',
    ETag: '',
    'If-None-Match': 'C',
    Observe: 'U',
    'Uri-Port': 'CU',
    'Location-Path': '',
    'Uri-Path': 'CU',
    'Content-Format': '',
    'Max-Age': 'U',
    'Uri-Query': 'CU',
    Accept: 'C',
    'Location-Query': '',
    Block2: 'CU',
    Block1: 'CU',
    Size2: 'N',
    'Proxy-Uri': 'CU',
    'Proxy-Scheme': 'CU',
    Size1: 'N',
    'No-Response': 'U',
  };
  const actual = Object.fromEntries(columns) as Record<string, string>;
  for (const [name, marks] of Object.entries(expected)) assert.equal(actual[name], marks, name);
});

test('every named option number is in the registry', () => {
  for (const [name, number] of Object.entries(OptionNumber)) {
    assert.equal(definition(number).name.replaceAll('-', ''), name);
  }
});

test('unsigned integers take the fewest bytes and come back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
      const option = uintOption(OptionNumber.Size1, value);
      assert.equal(option.uint, value);
      assert.ok(option.length === 0 || option.value[0] !== 0);
    }),
  );
  assert.equal(uintOption(OptionNumber.Observe, 0).length, 0);
  assert.equal(uintOption(OptionNumber.Size1, 0xffffffff).length, 4);
});

test('a value outside the lengths of its definition is malformed', () => {
  assert.equal(isMalformed(opaqueOption(OptionNumber.ETag, Buffer.alloc(0)), definition(4)), true);
  assert.equal(isMalformed(opaqueOption(OptionNumber.ETag, Buffer.alloc(8)), definition(4)), false);
  assert.equal(isMalformed(opaqueOption(OptionNumber.ETag, Buffer.alloc(9)), definition(4)), true);
  assert.equal(isMalformed(opaqueOption(OptionNumber.Observe, Buffer.alloc(4)), definition(6)), true);
  assert.equal(isMalformed(emptyOption(OptionNumber.IfNoneMatch), definition(5)), false);
});

test('text that is not UTF-8 is told from a real U+FFFD', () => {
  assert.equal(validText(opaqueOption(OptionNumber.UriPath, Buffer.from('c328', 'hex'))), undefined);
  assert.equal(validText(stringOption(OptionNumber.UriPath, '温度\ufffd')), '温度\ufffd');
});

test('options are found by number, in order, with their defaults', () => {
  const message = withOptions(
    stringOption(OptionNumber.UriQuery, 'c=dev1'),
    stringOption(OptionNumber.UriPath, 'mqtt'),
    stringOption(OptionNumber.UriPath, '温度'),
    uintOption(OptionNumber.Observe, 1),
  );
  assert.deepEqual(stringsOf(message, OptionNumber.UriPath), ['mqtt', '温度']);
  assert.deepEqual(stringsOf(message, OptionNumber.LocationPath), []);
  assert.equal(findOption(message, OptionNumber.UriPath)?.text, 'mqtt');
  assert.equal(findOption(message, OptionNumber.Accept), undefined);
  assert.equal(uintOf(message, OptionNumber.Observe), 1);
  assert.equal(uintOf(message, OptionNumber.MaxAge), 60);
  assert.equal(uintOf(message, OptionNumber.Accept), undefined);
});

test('codes have a dotted form, a class and a name', () => {
  assert.equal(codeText(ResponseCode.Content), '2.05');
  assert.equal(codeText(Method.PUT), '0.03');
  assert.equal(codeText(ResponseCode.TooManyRequests), '4.29');
  assert.equal(codeName(Method.iPATCH), 'iPATCH');
  assert.equal(codeName(ResponseCode.MethodNotAllowed), 'Method Not Allowed');
  assert.equal(codeName(0), 'Empty');
  assert.equal(codeName(codeOf(3, 1)), undefined);
  assert.deepEqual([0, 1, 31, 0x45, 0x61, 0x80, 0xa0].map(isRequest), [
    false,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  assert.deepEqual([0, 1, 0x45, 0x61, 0x80, 0xa0].map(isResponse), [false, false, true, false, true, true]);
});

test('a block option holds number, more flag and size', () => {
  assert.deepEqual(decodeBlock(0x0a), { num: 0, more: true, size: 64 });
  assert.deepEqual(decodeBlock(0), { num: 0, more: false, size: 16 });
  assert.deepEqual(decodeBlock(0xfffff6), { num: 0xfffff, more: false, size: 1024 });
  assert.equal(decodeBlock(7), undefined);
});

test('content formats have media types', () => {
  assert.equal(mediaType(40), 'application/link-format');
  assert.equal(mediaType(11542), 'application/vnd.oma.lwm2m+tlv');
  assert.equal(mediaType(9999), undefined);
});
