import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documentMessages } from './document.js';

test('docs/jt808-messages.md tells what the tables say', () => {
  const page = readFileSync(new URL('../../../docs/jt808-messages.md', import.meta.url), 'utf8');
  assert.equal(page, documentMessages(), 'run node scripts/generate-jt808-messages.mjs');
});
