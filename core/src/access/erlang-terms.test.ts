import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ErlangSyntaxError, type ErlangTerm, parseErlangTerms } from './erlang-terms.js';

/** The term without line numbers: atoms as `'a`, strings as text, tuples as `{ tuple }`, lists as arrays. */
function plain(term: ErlangTerm): unknown {
  switch (term.kind) {
    case 'atom':
      return `'${term.text}`;
    case 'string':
      return term.text;
    case 'tuple':
      return { tuple: term.items.map(plain) };
    case 'list':
      return term.items.map(plain);
  }
}

function parse(text: string): unknown[] {
  return parseErlangTerms(text).map(plain);
}

test('tuples, lists, atoms, strings and binaries', () => {
  assert.deepEqual(parse(`{allow, {user, "x"}, ['and', <<"b">>, <<"ü"/utf8>>]}. {}. [].`), [
    { tuple: ["'allow", { tuple: ["'user", 'x'] }, ["'and", 'b', 'ü']] },
    { tuple: [] },
    [],
  ]);
});

test('comments go to the end of the line, but not within strings', () => {
  assert.deepEqual(parse('%% one\n{a, %two {b}.\n "50%"}. % three'), [{ tuple: ["'a", '50%'] }]);
  assert.deepEqual(parse('%% nothing but this'), []);
  assert.deepEqual(parse(' \r\n\t'), []);
});

test('escapes in strings and quoted atoms', () => {
  assert.deepEqual(parse(String.raw`"a\"b\\c\n\t\s". 'it\'s'.`), ['a"b\\c\n\t ', "'it's"]);
});

test('each term knows its line', () => {
  const terms = parseErlangTerms('\n{a,\n b}.\n\n"x\ny".\n{c}.');
  assert.deepEqual(
    terms.map(({ line }) => line),
    [2, 5, 7],
  );
});

const WRONG: readonly (readonly [text: string, line: number, reason: RegExp])[] = [
  ['{allow, all}', 1, /the file ends where "\." should be/],
  ['{a}.\n{b', 2, /the file ends where "," or "}" should be/],
  ['{a b}.', 1, /there is "b" where "," or "}"/],
  ['{a,}.', 1, /there is "}" where a term should be/],
  ['[a}.', 1, /there is "}" where "," or "]"/],
  ['"a\nb', 1, /closing " is missing/],
  ['\n"a', 2, /closing " is missing/],
  [String.raw`"\x41".`, 1, /"\\x" is not understood/],
  ['"a\\', 1, /"\\" is not understood/],
  ['{allow, 1}.', 1, /unexpected "1"/],
  ['{Allow}.', 1, /unexpected "A"/],
  ['<<1>>.', 1, /a binary holds one string/],
  ['<<"a"', 1, /a binary is/],
  ['"a" "b".', 1, /there is "b" where "\."/],
  ['['.repeat(100_000), 1, /too many brackets/],
];

for (const [text, line, reason] of WRONG) {
  test(`${JSON.stringify(text.slice(0, 20))} is refused with its line`, () => {
    assert.throws(
      () => parseErlangTerms(text),
      (error) => error instanceof ErlangSyntaxError && error.line === line && reason.test(error.message),
    );
  });
}

test('punctuation within a string is no punctuation', () => {
  assert.deepEqual(parse('["{", "."].'), [['{', '.']]);
});

test('terms that are written out are read back', () => {
  const { term } = fc.letrec<{ term: string }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('all', "'and'", 'a_b@1'),
      fc.string().map((text) => JSON.stringify(text.replace(/[^\x20-\x7e]/g, ''))),
      fc.array(tie('term'), { maxLength: 4 }).map((items) => `{${items.join(', ')}}`),
      fc.array(tie('term'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    ),
  }));
  const write = (value: ErlangTerm): string => {
    if (value.kind === 'atom') return value.text === 'and' ? "'and'" : value.text;
    if (value.kind === 'string') return JSON.stringify(value.text);
    const items = value.items.map(write);
    return value.kind === 'tuple' ? `{${items.join(', ')}}` : `[${items.join(',')}]`;
  };
  fc.assert(
    fc.property(term, (text) => {
      const [read] = parseErlangTerms(`${text}.`);
      return read !== undefined && write(read) === text;
    }),
  );
});
