import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import type { ConfigSource } from './problem.js';
import { parseYaml, parseYamlInTurns } from './yaml-source.js';

const inFile = (line: number, column: number): ConfigSource => ({ kind: 'file', file: 'f', line, column });

/** Pieces of which texts are made that are almost YAML. */
const PIECES = [
  'a',
  'b: 1',
  ': ',
  '- ',
  '  ',
  '\n',
  '\n---\n',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  '#',
  '\t',
  '%',
  '|',
];

test('whatever the text, it is understood as the library does by itself, at once or in turns', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }), async (pieces) => {
      const text = pieces.join('');
      const atOnce = parseYaml(text, inFile);
      const whole = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
      const codes = (errors: readonly { readonly code: string }[]) => errors.map(({ code }) => code);
      assert.deepEqual(codes(atOnce.document.errors), codes(whole.errors));
      if (whole.errors.length === 0) assert.deepEqual(atOnce.document.toJSON(), whole.toJSON());
      else assert.notEqual(atOnce.problems.length, 0);
      const inTurns = await parseYamlInTurns(text, inFile);
      assert.deepEqual(inTurns.problems, atOnce.problems);
      if (whole.errors.length === 0) assert.deepEqual(inTurns.document.toJSON(), whole.toJSON());
    }),
  );
});

test('a second document is told with its place', () => {
  assert.deepEqual(parseYaml('a: 1\n---\nb: 2\n', inFile).problems, [
    {
      source: { kind: 'file', file: 'f', line: 2, column: 1 },
      path: [],
      reason: 'a second document begins with ---; a configuration is one document',
    },
  ]);
});

test('what is nested without an end is told in words', () => {
  const { problems } = parseYaml('['.repeat(1000), inFile);
  assert.equal(problems[0]?.reason, 'sections or lists are nested too deep');
});

test('while a long text is read in turns, other things are done', async () => {
  const lines = 5000;
  let turns = 0;
  let reading = true;
  const other = () => {
    turns++;
    if (reading) setImmediate(other);
  };
  setImmediate(other);
  const { document } = await parseYamlInTurns('key: value\n'.repeat(lines), inFile);
  reading = false;
  assert.equal(document.errors.length, 0);
  // Each line is some pieces; a turn takes a hundred.
  assert.ok(turns >= lines / 100, `${turns} turns`);
});
