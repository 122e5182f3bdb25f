import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const PAGE = new URL('../../../docs/conformance/field-notes.md', import.meta.url);

test('each test that docs/conformance/field-notes.md names is in its file', async () => {
  const page = await readFile(PAGE, 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && line.includes('.test.ts'));
  assert.ok(rows.length > 10);
  for (const row of rows) {
    const [, path = '', name = ''] = /\[\S+\.test\.ts\]\((\S+)\): (.+) \|$/.exec(row) ?? [];
    const source = await readFile(new URL(path, PAGE), 'utf8');
    assert.ok(source.includes(`test('${name}'`), `${path}: ${name}`);
  }
});
