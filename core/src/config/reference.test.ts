import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { configReference } from './reference.js';
import { schemaTree } from './schema-tree.js';
import { duration } from './units.js';

function reference(schema: z.ZodType): string {
  return configReference(schemaTree(schema));
}

const listener = z.strictObject({ bind: z.string().describe('address and port') });

test('a section gets a heading, its description and a table', () => {
  const schema = z.strictObject({
    log: z
      .strictObject({
        level: z.enum(['info', 'warn']).default('info').describe('what is written'),
        every: duration().prefault('15s').describe('how often; a|b'),
        file: z.string().optional(),
        name: z.string(),
      })
      .prefault({ name: 'x' })
      .describe('the log'),
  });
  assert.equal(
    reference(schema),
    `## \`log\`

The log

| key | value | default | meaning |
| --- | --- | --- | --- |
| \`level\` | info or warn | \`info\` | What is written |
| \`every\` | duration from 1ms to 36500d, or 0 | \`15s\` | How often; a\\|b |
| \`file\` | text |  |  |
| \`name\` | text | required |  |
`,
  );
});

test('sections under chosen names and in lists have a heading of their own, and the same keys are told once', () => {
  const text = reference(
    z.strictObject({
      tcp: z.record(z.string(), listener),
      users: z
        .array(z.strictObject({ username: z.string() }))
        .default([])
        .describe('who comes in'),
      other: z.strictObject({ tcp: z.record(z.string(), listener) }),
    }),
  );
  const headings = ['### `tcp.<id>`', '## `users[]`', '## `other`', '### `other.tcp.<id>`'];
  assert.deepEqual(text.match(/^#+ .*$/gm), headings);
  assert.match(text, /### `other\.tcp\.<id>`\n\nThe same keys as \[`tcp\.<id>`\]\(#tcpid\)\./);
});

test('a section with a title is a row of the table, and nothing more', () => {
  const zones = z
    .record(z.string(), listener)
    .meta({ title: 'section for each zone, with any of these keys' });
  const text = reference(z.strictObject({ tcp: z.strictObject({ zones: zones.describe('some differ') }) }));
  assert.deepEqual(text.match(/^#+ .*$/gm), ['## `tcp`']);
  assert.match(
    text,
    /\| `zones` \| section for each zone, with any of these keys \| required \| Some differ \|/,
  );
});

test('a section that contains itself is told once', () => {
  const rule = z.strictObject({
    who: z.string(),
    get and() {
      return z.array(rule).optional();
    },
  });
  const text = reference(z.strictObject({ rules: z.array(rule) }));
  assert.deepEqual(text.match(/^#+ .*$/gm), ['## `rules[]`']);
  assert.match(text, /\| `and` \| a list, each a section, see below \|/);
});
