import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BLOCK_SIZES, blockOption, decodeBlock, MAX_BLOCK_NUMBER } from './block.js';
import { codeName, codeOf, codeText, isRequest, isResponse, Method, ResponseCode } from './codes.js';
import { contentFormatOf, mediaType } from './content-formats.js';
import { type CoapMessage, emptyMessage, MessageType, NO_BYTES } from './message.js';
import {
  findOption,
  isCritical,
  isMalformed,
  OPTIONS,
  type OptionDefinition,
  OptionNumber,
  opaqueOption,
  optionDefinition,
  stringOption,
  stringsOf,
  uintOption,
  validText,
} from './options.js';
import { sortOptions } from './testing.js';

function definition(number: number): OptionDefinition {
  const found = optionDefinition(number);
  assert.ok(found !== undefined);
  return found;
}

function withOptions(...options: CoapMessage['options'][number][]): CoapMessage {
  return { ...emptyMessage(MessageType.CON, 1), code: 1, options: sortOptions(options) };
}

test('which options are critical follows from the number', () => {
  // Column C of RFC 7252 table 4 and of the documents that define the others.
  const expected = [
    'If-Match',
    'Uri-Host',
    'If-None-Match',
    'Uri-Port',
    'OSCORE',
    'Uri-Path',
    'Uri-Query',
    'Accept',
    'Q-Block1',
    'EDHOC',
    'Block2',
    'Block1',
    'Q-Block2',
    'Proxy-Uri',
    'Proxy-Scheme',
  ];
  const critical = OPTIONS.filter(({ number }) => isCritical(number)).map(({ name }) => name);
  assert.deepEqual(critical, expected);
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
  assert.equal(isMalformed(opaqueOption(OptionNumber.IfNoneMatch, NO_BYTES), definition(5)), false);
});

test('text that is not UTF-8 is told from a real U+FFFD', () => {
  assert.equal(validText(opaqueOption(OptionNumber.UriPath, Buffer.from('c328', 'hex'))), undefined);
  assert.equal(validText(stringOption(OptionNumber.UriPath, '温度\ufffd')), '温度\ufffd');
});

test('options are found by number, in order', () => {
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
  assert.equal(findOption(message, OptionNumber.Observe)?.uint, 1);
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

test('any block option is read as it was written', () => {
  for (const size of BLOCK_SIZES) {
    for (const num of [0, 1, 15, 16, 4095, 4096, MAX_BLOCK_NUMBER]) {
      for (const more of [true, false]) {
        const { number, uint } = blockOption(OptionNumber.Block2, { num, more, size });
        assert.equal(number, OptionNumber.Block2);
        assert.deepEqual(decodeBlock(uint), { num, more, size });
      }
    }
  }
});

test('content formats have media types', () => {
  assert.equal(mediaType(40), 'application/link-format');
  assert.equal(mediaType(11542), 'application/vnd.oma.lwm2m+tlv');
  assert.equal(mediaType(9999), undefined);
});

test('media types have content formats, however they are written', () => {
  assert.equal(contentFormatOf('application/json'), 50);
  assert.equal(contentFormatOf('Application/JSON'), 50);
  assert.equal(contentFormatOf('text/plain'), 0);
  assert.equal(contentFormatOf('text/plain; charset=UTF-8'), 0);
  assert.equal(contentFormatOf('application/x-unheard-of'), undefined);
  assert.equal(contentFormatOf(`application/json${' '.repeat(60_000)}`), undefined);
});
