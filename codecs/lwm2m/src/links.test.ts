import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFrameError } from '@portico/frame';
import fc from 'fast-check';
import { formatLinks, type Link, MAX_LINKS, MAX_LINKS_LENGTH, parseLinks } from './links.js';

function shown(links: readonly Link[]): [string, Record<string, string>][] {
  return links.map(({ target, attributes }) => [target, Object.fromEntries(attributes)]);
}

test('the links of a registration have their targets and attributes', () => {
  const links = parseLinks('</>;rt="oma.lwm2m";ct=110,</1>;ver=1.1,</1/0>,</3/0>,</31024/10>');
  assert.deepEqual(shown(links), [
    ['/', { rt: 'oma.lwm2m', ct: '110' }],
    ['/1', { ver: '1.1' }],
    ['/1/0', {}],
    ['/3/0', {}],
    ['/31024/10', {}],
  ]);
});

test('the links of Discover have the attributes of LwM2M, and dimensions', () => {
  const links = parseLinks(
    '</3/0>;pmin=10;pmax=60,</3/0/6>;dim=8,</3/0/7>;dim=8;gt=50;lt=42.2,</3/0/9>;epmin=5',
  );
  assert.deepEqual(shown(links), [
    ['/3/0', { pmin: '10', pmax: '60' }],
    ['/3/0/6', { dim: '8' }],
    ['/3/0/7', { dim: '8', gt: '50', lt: '42.2' }],
    ['/3/0/9', { epmin: '5' }],
  ]);
});

test('the links of Bootstrap-Discover tell servers with quotes in which there are commas and escapes', () => {
  const links = parseLinks(String.raw`</0/1>;ssid=101;uri="coaps://a,b;c\"d\\:5684",</1/0>;ssid=101`);
  assert.deepEqual(shown(links), [
    ['/0/1', { ssid: '101', uri: String.raw`coaps://a,b;c"d\:5684` }],
    ['/1/0', { ssid: '101' }],
  ]);
});

test('an attribute may have no value, several values in quotes, and white space around it', () => {
  const links = parseLinks(' </> ; ct="110 112 60" ; hb , <1/0>,\r\n</3/0>\n');
  assert.deepEqual(shown(links), [
    ['/', { ct: '110 112 60', hb: '' }],
    ['1/0', {}],
    ['/3/0', {}],
  ]);
  assert.deepEqual(
    links.map(({ text }) => text),
    ['</> ; ct="110 112 60" ; hb', '<1/0>', '</3/0>'],
  );
});

test('of an attribute that comes twice the first counts', () => {
  assert.deepEqual(shown(parseLinks('</3>;ver=1.1;ver=1.2')), [['/3', { ver: '1.1' }]]);
});

test('no text is no links', () => {
  assert.deepEqual(parseLinks(''), []);
  assert.deepEqual(parseLinks(' \n'), []);
});

test('anything else is refused, and where it begins', () => {
  const bad: readonly [text: string, code: string, offset: number][] = [
    ['/3/0', 'malformed', 0],
    ['</3/0', 'malformed', 0],
    ['</3/0>,', 'malformed', 7],
    ['</3/0>,,</4>', 'malformed', 7],
    ['</3/0>;', 'malformed', 7],
    ['</3/0>;=1', 'malformed', 7],
    ['</3/0>;ver=', 'malformed', 11],
    ['</3/0>;ver="1.1', 'malformed', 11],
    ['</3/0>;uri="a\\"', 'malformed', 11],
    ['</3/0></4/0>', 'malformed', 6],
    ['</3/0> x', 'malformed', 6],
    ['</1>,'.repeat(MAX_LINKS + 1), 'too_many', 5 * MAX_LINKS],
    [`<${'1'.repeat(MAX_LINKS_LENGTH)}>`, 'too_large', 0],
  ];
  for (const [text, code, offset] of bad) {
    assert.throws(
      () => parseLinks(text),
      (error) => {
        assert.ok(isFrameError(error), text.slice(0, 20));
        assert.deepEqual({ code: error.code, offset: error.offset }, { code, offset });
        return true;
      },
    );
  }
});

const anyLink = fc.record({
  target: fc.string({ maxLength: 20 }).filter((target) => !target.includes('>')),
  attributes: fc
    .dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), fc.string({ unit: 'binary', maxLength: 12 }))
    .map((attributes) => new Map(Object.entries(attributes))),
});

test('links are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(anyLink, { maxLength: 5 }), (links) => {
      const text = formatLinks(links);
      const read = parseLinks(text);
      assert.deepEqual(shown(read), shown(links));
      assert.equal(read.map((link) => link.text).join(','), text);
    }),
    { numRuns: 1000 },
  );
});
