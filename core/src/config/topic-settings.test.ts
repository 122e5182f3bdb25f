import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { mountpointTemplate, topicFilterTemplate, topicNameTemplate } from './topic-settings.js';

function accepts(schema: z.ZodType, good: readonly string[], bad: readonly string[]): void {
  for (const text of good) assert.equal(schema.safeParse(text).success, true, text);
  for (const text of bad) assert.equal(schema.safeParse(text).success, false, text);
}

test('a topic template is a topic name but for its placeholders', () => {
  accepts(topicNameTemplate(), ['tcp/%c/up', '%u', '100%%'], ['', 'tcp/%c/#', 'tcp/%x', '50%']);
  accepts(topicNameTemplate('cp'), ['jt808/%p'], ['jt808/%u']);
});

test('a filter template may have wildcards where filters have them', () => {
  accepts(topicFilterTemplate(), ['tcp/%c/#', 'tcp/+/%c'], ['', 'a#', '%c+', '%e']);
});

test('a mountpoint may be empty', () => {
  accepts(mountpointTemplate(), ['', 'site/%c/'], ['a/#', '%e/']);
});

test('the message says what is wrong', () => {
  const result = topicNameTemplate().safeParse('tcp/%d/up');
  assert.deepEqual(
    result.error?.issues.map((issue) => issue.message),
    ['%d is not a placeholder here; there are %c %u %a'],
  );
});
