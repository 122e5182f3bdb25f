import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';

const PAGE = new URL('../../../docs/messages.md', import.meta.url);

test('docs/messages.md says of each counter of dropped messages what it counts', async () => {
  const text = await readFile(PAGE, 'utf8');
  const names = [...new TestHub().metrics.counters()].map(({ name }) => name);
  const dropped = names.filter((name) => /^(messages|delivery)\.dropped\./.test(name));
  assert.ok(dropped.length > 10);
  assert.deepEqual(
    dropped.filter((name) => !text.includes(`| \`${name}\` `)),
    [],
  );
});
