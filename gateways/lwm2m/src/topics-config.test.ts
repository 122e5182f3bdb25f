import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { topicsConfig } from './topics-config.js';

/** The topics that are refused, by key. */
function refused(topics: Readonly<Record<string, string | undefined>>): string[] {
  return topicsConfig.safeParse(topics).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

suite('nothing that is published is taken for a command, since that would be answered without end', () => {
  test('the defaults, and topics that are apart from the commands', () => {
    for (const topics of [
      { command: 'dn/#' },
      { command: 'dn', response: 'dn/x' },
      { command: 'dn/+', response: 'dn/a/b' },
      { command: '%e/dn/#', response: '%e/up', notify: '%e/up', register: '%e/up', update: '%e/up' },
    ]) {
      assert.deepEqual(refused(topics), [], JSON.stringify(topics));
    }
  });

  test('topics that the filter matches are refused, each by its key', () => {
    assert.deepEqual(refused({ command: 'dn/#', response: 'dn/x' }), ['response']);
    assert.deepEqual(refused({ command: 'dn/#', notify: 'dn' }), ['notify']);
    assert.deepEqual(refused({ command: 'dn/+', register: 'dn/x', update: 'dn/y' }), ['register', 'update']);
    assert.deepEqual(refused({ command: '#' }), ['response', 'notify', 'register', 'update']);
  });

  test('so are those that it matches for devices of some name', () => {
    const elsewhere = { notify: 'n', register: 'r', update: 'u' };
    assert.deepEqual(refused({ ...elsewhere, command: '%e/dn/#', response: 'up/dn/x' }), ['response']);
    assert.deepEqual(refused({ ...elsewhere, command: 'dn/x', response: 'dn/a%e' }), ['response']);
  });
});
