import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseObjectXml } from './object-xml.js';
import { ObjectXmlError } from './object-xml-error.js';
import { exampleXml, itemXml } from './testing.js';
import { RESOURCE_OPERATIONS } from './types.js';
import { MAX_XML_LENGTH } from './xml-tree.js';

/** The only object of a file. */
function parseOne(xml: string) {
  const [object, ...others] = parseObjectXml(xml);
  assert.ok(object);
  assert.deepEqual(others, []);
  return object;
}

/** Line and reason that a file is refused with. */
function fault(xml: string): string {
  try {
    parseObjectXml(xml);
  } catch (error) {
    assert.ok(error instanceof ObjectXmlError, String(error));
    assert.equal(error.message, `line ${error.line}: ${error.reason}`);
    return error.message;
  }
  return assert.fail('no fault was found');
}

test('an object definition file is read with all that it tells', () => {
  const item = itemXml({ id: 7, range: '\n   0: OFF\n\t\t1:  ON\n  ', units: ' mV ', multiple: 'Multiple' });
  assert.deepEqual(parseOne(exampleXml({ items: [itemXml({}), item] })), {
    id: 26_000,
    name: 'Valve',
    version: '1.1',
    lwm2mVersion: '1.0',
    multiple: true,
    mandatory: false,
    resources: new Map([
      [
        0,
        {
          id: 0,
          name: 'Opening',
          operations: 'RW',
          multiple: false,
          mandatory: true,
          type: 'integer',
          range: '0..100',
          units: '/100',
        },
      ],
      [
        7,
        {
          id: 7,
          name: 'Opening',
          operations: 'RW',
          multiple: true,
          mandatory: true,
          type: 'integer',
          range: '0: OFF\n1: ON',
          units: 'mV',
        },
      ],
    ]),
  });
});

test('an object without versions is of version 1.0', () => {
  const xml = exampleXml({})
    .replace(/<ObjectVersion>.*/, '')
    .replace(/<LWM2MVersion>.*/, '<LWM2MVersion/>');
  assert.equal(parseOne(xml).version, '1.0');
  assert.equal(parseOne(xml).lwm2mVersion, '1.0');
});

test('a resource without type has none, one without range and units has empty ones', () => {
  const item = itemXml({ type: '' }).replace(/<(RangeEnumeration|Units)>.*/g, '');
  const resource = parseOne(exampleXml({ items: [item] })).resources.get(0);
  assert.deepEqual([resource?.type, resource?.range, resource?.units], ['none', '', '']);
});

test('every operation of the schema is taken', () => {
  for (const operations of RESOURCE_OPERATIONS) {
    const xml = exampleXml({ items: [itemXml({ operations })] });
    assert.equal(parseOne(xml).resources.get(0)?.operations, operations);
  }
});

test('byte order mark, CRLF, comments, CDATA and the entities of XML are read as XML has it', () => {
  const xml = exampleXml({ name: '<![CDATA[A <valve>]]> &amp; &#66;<!-- no -->' });
  assert.equal(parseOne(`\uFEFF${xml.replaceAll('\n', '\r\n')}`).name, 'A <valve> & B');
});

test('a file may hold several objects', () => {
  const xml = exampleXml({});
  const object = xml.slice(xml.indexOf('<Object '), xml.indexOf('</LWM2M>'));
  const twice = xml.replace('</LWM2M>', `${object.replace('26000', '26001')}</LWM2M>`);
  assert.deepEqual(
    parseObjectXml(twice).map(({ id }) => id),
    [26_000, 26_001],
  );
});

test('what is missing is named with the line of what it is missing in', () => {
  assert.equal(fault(exampleXml({}).replace(/<ObjectID>.*/, '')), 'line 3: <Object> has no <ObjectID>');
  assert.equal(fault(exampleXml({}).replace(/<Type>.*/, '')), 'line 12: <Item> has no <Type>');
  assert.equal(fault('<LWM2M>\n</LWM2M>'), 'line 1: <LWM2M> has no <Object>');
});

test('what is wrong is named with its line', () => {
  const faults: readonly (readonly [string, string, string])[] = [
    ['<ObjectID>26000', '<ObjectID>65535', '5: <ObjectID> is "65535", not a number of 0 to 65534'],
    ['<ObjectID>26000', '<ObjectID>0x10', '5: <ObjectID> is "0x10", not a number of 0 to 65534'],
    ['<ObjectVersion>1.1', '<ObjectVersion>1', '7: <ObjectVersion> is "1", not two numbers such as 1.0'],
    ['>Multiple<', '>Many<', '8: <MultipleInstances> is "Many", not one of Single, Multiple'],
    ['Item ID="0"', 'Item', '12: the ID of <Item> is "", not a number of 0 to 65534'],
    ['<Name>Opening', '<Name> ', '13: <Name> is empty'],
    ['>RW<', '>WR<', '14: <Operations> is "WR", not one of R, W, RW, E'],
    ['>Mandatory<', '>Yes<', '16: <Mandatory> is "Yes", not one of Mandatory, Optional'],
    [
      '>Integer<',
      '>constructor<',
      '17: <Type> is "constructor", not one of String, Integer, Unsigned Integer, Float, Boolean, Opaque, Time, Objlnk, Corelnk',
    ],
  ];
  for (const [sound, wrong, message] of faults) {
    assert.equal(fault(exampleXml({}).replace(sound, wrong)), `line ${message}`);
  }
});

test('a long value is cut in the reason', () => {
  const message = fault(exampleXml({}).replace('>Integer<', `>${'x'.repeat(100_000)}<`));
  assert.match(message, /^line 17: <Type> is "x{64}…", not one of/);
});

test('no reason is longer than a line of the log should be', () => {
  assert.ok(fault('<'.repeat(100_000)).length < 400);
});

test('a resource or an element that stands twice is named', () => {
  const twice = exampleXml({ items: [itemXml({}), itemXml({})] });
  assert.equal(fault(twice), 'line 22: the resource 0 stands here a second time');
  const names = exampleXml({}).replace('<Units>', '<Type>Float</Type>\n<Units>');
  assert.equal(fault(names), 'line 19: <Type> stands here a second time in <Item>');
});

test('a file of something else is refused', () => {
  assert.equal(
    fault('<?xml version="1.0"?>\n<DDFList/>'),
    'line 2: no object definition: the root is <DDFList>, not <LWM2M>',
  );
  assert.match(fault(''), /^line 1: no well-formed XML: /);
  assert.match(fault('{"id":3}'), /^line 1: no well-formed XML: /);
});

test('XML that is not well-formed is named with its line', () => {
  assert.match(fault(exampleXml({}).replace('</Type>', '</Typ>')), /^line 17: no well-formed XML: .*'Type'/);
  assert.match(fault(exampleXml({}).replace('0..100', '<0..100')), /^line 18: no well-formed XML: /);
});

test('a file that was cut off is named with its last line', () => {
  const xml = exampleXml({});
  const cut = xml.slice(0, xml.indexOf('<Units>'));
  assert.equal(fault(cut), 'line 19: the file ends before its elements are closed');
});

test('entities of a document type are refused before anything is expanded', () => {
  const bomb = '<!DOCTYPE LWM2M [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  const [declaration, ...rest] = exampleXml({ name: '&b;' }).split('\n');
  const xml = [declaration, '<!-- mine -->', bomb, ...rest].join('\n');
  assert.equal(fault(xml), 'line 3: a document type declaration is not allowed');
});

test('a document type at another place is refused too', () => {
  const bomb = '<!DOCTYPE LWM2M [<!ENTITY a "aaaaaaaaaa">]>';
  const xml = exampleXml({}).replace('<Name>Valve', `${bomb}<Name>&a;`);
  assert.equal(fault(xml), 'line 4: a document type declaration is not allowed');
});

test('depth and size are bounded', () => {
  assert.match(
    fault('<LWM2M>'.repeat(100_000) + '</LWM2M>'.repeat(100_000)),
    /longer than 1048576 characters/,
  );
  assert.match(fault('<a>'.repeat(1000) + '</a>'.repeat(1000)), /^line 1: no well-formed XML: .*nested/);
  assert.match(fault(' '.repeat(MAX_XML_LENGTH + 1)), /^line 1: the file is longer/);
});

test('a sound file with something changed anywhere is read or refused, with a line that it has', () => {
  const sound = exampleXml({});
  const lineCount = sound.split('\n').length;
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('<', '>', '</', '&', '"', ']]>', '<!--', '<?'),
  );
  fc.assert(
    fc.property(fc.nat(sound.length), fc.nat(20), piece, (at, cut, inserted) => {
      const changed = sound.slice(0, at) + inserted + sound.slice(at + cut);
      try {
        parseObjectXml(changed);
      } catch (error) {
        assert.ok(error instanceof ObjectXmlError, String(error));
        assert.ok(error.line >= 1 && error.line <= lineCount + inserted.split('\n').length, error.message);
      }
    }),
    { numRuns: 1000 },
  );
});
