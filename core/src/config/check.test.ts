import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { loadConfig } from './load.js';
import { formatProblem } from './problem.js';

/** A section in two forms, one of which contains itself, and rules that speak for themselves. */
const rules = z.strictObject({
  who: z
    .union(
      [
        z.literal('all'),
        z.strictObject({ user: z.string() }),
        z.strictObject({
          get and() {
            return z.array(rules);
          },
        }),
      ],
      {
        error: 'all, or user, or and',
      },
    )
    .optional(),
  topic: z
    .string()
    .refine((text) => !text.includes('#'), { error: ({ input }) => `${input} has a #` })
    .optional(),
});

const login = z.strictObject({
  token: z.string().refine((text) => text.length > 9, { error: ({ input }) => `${input} is too short` }),
});

function ruleProblems(text: string, schema: z.ZodType = rules): string[] {
  const result = loadConfig({ schema, file: 'p', text });
  return result.ok ? [] : result.problems.map(formatProblem);
}

test('of a section with several forms, what is wrong by the form that fits best is reported', () => {
  const cases: [string, string][] = [
    ['who: none', 'p:1:6: who: "none" is not allowed; expected all, or user, or and'],
    ['who: { user: [] }', 'p:1:14: who.user: a list is not allowed; expected text'],
    ['who: { usr: me }', 'p:1:8: who.usr: unknown key; did you mean user? allowed here: user, and'],
    [
      'who: { and: [{ who: { and: [{ who: 1 }] } }] }',
      'p:1:36: who.and[0].who.and[0].who: 1 is not allowed; expected all, or user, or and',
    ],
    ['who: { user: me, and: [] }', 'p:1:1: who: and cannot stand beside the other keys here'],
  ];
  for (const [text, problem] of cases) assert.deepEqual(ruleProblems(text), [problem], text);
});

test("a rule's own words are shown once, and without the secret that they repeat", () => {
  assert.deepEqual(ruleProblems('topic: "a#"'), ['p:1:8: topic: a# has a #']);
  assert.deepEqual(ruleProblems('token: hunter2', login), [
    'p:1:8: token: *** is not allowed: *** is too short',
  ]);
});

test('a switch is shown, and that there is nothing, whatever secrets there are', () => {
  const keys = z.strictObject({
    psk: z
      .boolean()
      .refine((on) => !on, 'there are no keys')
      .optional(),
    user: z.strictObject({ password: z.string() }).optional(),
  });
  assert.deepEqual(ruleProblems('psk: true', keys), ['p:1:6: psk: true is not allowed: there are no keys']);
  assert.deepEqual(ruleProblems('user: null', keys), [
    'p:1:7: user: null is not allowed; expected a section with the key password',
  ]);
  assert.deepEqual(ruleProblems('user: 1234', keys), [
    'p:1:7: user: a number is not allowed; expected a section with the key password',
  ]);
});

test('two rules broken by one value are both told, the same words once', () => {
  const both = z.strictObject({
    a: z.string().min(2).regex(/x/).optional(),
    b: z
      .string()
      .refine(() => false, 'one')
      .refine(() => false, 'two')
      .optional(),
  });
  assert.deepEqual(ruleProblems('a: ""', both), [
    'p:1:4: a: "" is not allowed; expected text of at least 2 characters',
  ]);
  assert.deepEqual(ruleProblems('b: z', both), [
    'p:1:4: b: "z" is not allowed: one',
    'p:1:4: b: "z" is not allowed: two',
  ]);
});
