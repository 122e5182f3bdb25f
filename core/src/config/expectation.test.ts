import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { expectation } from './expectation.js';
import { schemaTree } from './schema-tree.js';
import { serviceUrl } from './service-url.js';
import { byteSize, duration, messageRate } from './units.js';

test('what may be written is said in words', () => {
  const cases: [z.ZodType, string][] = [
    [z.boolean(), 'true or false'],
    [serviceUrl(), 'a URL of http or https'],
    [z.enum(['a', 'b']), 'a or b'],
    [z.enum(['a', 'b', 'c']), 'one of a, b, c'],
    [z.literal([0, 1, 2]), 'one of 0, 1, 2'],
    [z.int(), 'a whole number'],
    [z.int().min(1), 'a whole number, at least 1'],
    [z.int().min(1).max(9), 'a whole number from 1 to 9'],
    [z.number().gt(0.5).lt(2), 'a number, above 0.5 and below 2'],
    [z.number().max(2), 'a number, at most 2'],
    [z.string(), 'text'],
    [z.string().min(1), 'text that is not empty'],
    [z.string().min(2), 'text of at least 2 characters'],
    [z.string().min(2).max(5), 'text of 2 to 5 characters'],
    [z.string().meta({ examples: ['a@b'] }), 'text such as a@b'],
    [z.union([z.string(), z.int()]), 'text or a whole number'],
    [z.string().nullable(), 'text or nothing'],
    [z.array(z.boolean()), 'a list, each true or false'],
    [z.array(z.string()).min(2), 'a list of at least 2, each text'],
    [z.strictObject({ a: z.string(), b: z.string() }), 'a section with the keys a, b'],
    [z.record(z.string(), z.string()), 'a section'],
    [z.unknown(), 'anything'],
    [duration(), 'a duration from 1ms to 36500d, or 0'],
    [byteSize(), 'a size from 1 to 1024GB, or 0'],
    [messageRate(), 'an amount and a duration such as 100,10s'],
  ];
  for (const [schema, words] of cases) assert.equal(expectation(schemaTree(schema)), words);
});

test('of very many keys the first are named', () => {
  const keys = Array.from({ length: 30 }, (_, index) => [`key${index}`, z.string()] as const);
  const words = expectation(schemaTree(z.strictObject(Object.fromEntries(keys))));
  assert.match(words, /^a section with the keys key0, .*, key11 …$/);
});
