import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { issueWords } from './issue-words.js';

for (const [schema, value, words] of [
  [z.string(), 1, 'must be text'],
  [z.int(), 'x', 'must be a number'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.record(z.string(), z.string()), [], 'must be an object'],
  [z.enum(['a', 'b']), 'c', 'one of a, b'],
  [z.string().min(1), '', 'at least 1 character'],
  [z.array(z.string()).max(2), ['', '', ''], 'at most 2 elements'],
  [z.int().max(7), 8, 'at most 7'],
  [z.number().multipleOf(5), 7, 'a multiple of 5'],
  [z.strictObject({}), { a: 1 }, 'there is no such field: a'],
  [z.union([z.string(), z.int()]), true, 'must be text, or must be a number'],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), {}, 'is not valid'],
  [z.string().regex(/^a/, 'begins with a'), 'b', 'begins with a'],
  [z.base64(), '!', 'is not valid'],
] as const) {
  test(`of ${JSON.stringify(value)} it is told: ${words}`, () => {
    assert.deepEqual(
      schema.safeParse(value, { error: issueWords }).error?.issues.map(({ message }) => message),
      [words],
    );
  });
}
