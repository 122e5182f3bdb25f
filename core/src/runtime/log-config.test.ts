import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logConfigSchema } from './log-config.js';

function wrong(config: unknown): readonly string[] {
  const { error } = logConfigSchema.safeParse(config);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('two handlers cannot have one file', () => {
  assert.deepEqual(wrong({ file: 'a.log', error: { file: 'a.log' } }), [
    'error.file: the file is that of log.file',
  ]);
  assert.deepEqual(wrong({ warn: { file: 'w.log' }, error: { file: 'w.log' } }), [
    'error.file: the file is that of log.warn.file',
  ]);
  assert.deepEqual(wrong({ warn: { file: 'w.log' }, error: { file: 'e.log' } }), []);
});

test('a time format is checked, with what there is', () => {
  assert.match(wrong({ time_format: '%Q' })[0] ?? '', /^time_format: rfc3339, or text with %Y %m /);
  assert.deepEqual(wrong({ time_format: 'rfc3339', chars_limit: 'unlimited', max_depth: 0 }), []);
});
