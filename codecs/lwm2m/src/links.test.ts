import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isFrameError } from '@portico/frame';
import fc from 'fast-check';
import { formatLinks, type LinkErrorCode, MAX_LINKS, MAX_LINKS_LENGTH, parseLinks } from './links.js';
import { loadVectors } from './testing.js';

interface PlainLink {
  readonly text: string;
  readonly target: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface LinkVectors {
  readonly vectors: readonly {
    readonly name: string;
    readonly text: string;
    readonly hex: string;
    readonly links: readonly PlainLink[];
    /** Whether the links are written as the same text. */
    readonly written: boolean;
  }[];
  readonly bad: readonly {
    readonly name: string;
    readonly text: string;
    readonly hex: string;
    readonly error: LinkErrorCode;
    readonly offset: number;
  }[];
}

function read(text: string): PlainLink[] {
  return parseLinks(text).map((link) => ({ ...link, attributes: Object.fromEntries(link.attributes) }));
}

function refuses(text: string, code: LinkErrorCode, offset: number): void {
  assert.throws(
    () => parseLinks(text),
    (error) => isFrameError(error) && error.code === code && error.offset === offset,
  );
}

suite('vectors/links.json', () => {
  const { vectors, bad } = loadVectors<LinkVectors>('links');
  for (const { name, text, hex, links, written } of vectors) {
    test(name, () => {
      assert.equal(Buffer.from(hex, 'hex').toString('utf8'), text);
      assert.deepEqual(read(text), links);
      assert.equal(formatLinks(parseLinks(text)) === text, written);
    });
  }
  for (const { name, text, hex, error, offset } of bad) {
    test(`refused: ${name}`, () => {
      assert.equal(Buffer.from(hex, 'hex').toString('utf8'), text);
      refuses(text, error, offset);
    });
  }
});

test('links are bounded in number and length', () => {
  refuses('</1>,'.repeat(MAX_LINKS + 1), 'too_many', 5 * MAX_LINKS);
  refuses(`<${'1'.repeat(MAX_LINKS_LENGTH)}>`, 'too_large', 0);
});

const anyAttributes = fc
  .dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/), fc.string({ unit: 'binary', maxLength: 12 }))
  .map((attributes) => new Map(Object.entries(attributes)));
const anyLink = fc.record(
  {
    target: fc.string({ maxLength: 20 }).filter((target) => !target.includes('>')),
    attributes: anyAttributes,
  },
  { noNullPrototype: true },
);

test('links are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(anyLink, { maxLength: 5 }), (links) => {
      const text = formatLinks(links);
      const again = parseLinks(text);
      assert.deepEqual(
        again.map(({ target, attributes }) => ({ target, attributes })),
        links,
      );
      assert.equal(again.map((link) => link.text).join(','), text);
    }),
    { numRuns: 1000 },
  );
});
