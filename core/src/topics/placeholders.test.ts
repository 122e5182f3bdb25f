import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CLIENT_LETTERS, fillTopic, placeholderError } from './placeholders.js';
import { topicMatches } from './topic.js';

test('letters are filled in wherever they stand', () => {
  const values = { c: 'dev1', u: 'ann', a: '10.0.0.7', p: '013912345678' };
  const cases: [template: string, topic: string][] = [
    ['tcp/%c/up', 'tcp/dev1/up'],
    ['%u/%c/', 'ann/dev1/'],
    ['%c-%a', 'dev1-10.0.0.7'],
    ['jt808/%c/%p/up', 'jt808/dev1/013912345678/up'],
    ['%c%c', 'dev1dev1'],
    ['plain', 'plain'],
    ['', ''],
  ];
  for (const [template, topic] of cases) assert.deepEqual(fillTopic(template, values), { topic });
});

test('%% is a percent sign, also right before a letter', () => {
  assert.deepEqual(fillTopic('%%c/%%%c', { c: 'x' }), { topic: '%c/%x' });
});

test('a value is never read as a template', () => {
  assert.deepEqual(fillTopic('a/%c/%u', { c: '%u', u: '%%' }), { topic: 'a/%u/%%' });
});

test('a missing or empty value is refused by name', () => {
  assert.deepEqual(fillTopic('a/%u', { u: undefined }), { error: 'the username is missing' });
  assert.deepEqual(fillTopic('a/%u', { u: '' }), { error: 'the username is missing' });
  assert.deepEqual(fillTopic('a/%p', {}), { error: 'the %p is missing' });
  assert.deepEqual(fillTopic('a/b', { u: undefined }), { topic: 'a/b' });
});

test('a value with a meaning in topics is refused, saying which character', () => {
  for (const [value, shown] of [
    ['a/b', '"/"'],
    ['+', '"+"'],
    ['x#', '"#"'],
    ['a\0', '"\\u0000"'],
  ]) {
    assert.deepEqual(fillTopic('tcp/%c/up', { c: value }), { error: `the client id contains ${shown}` });
  }
});

test('no value moves a topic into a $ branch, the template may', () => {
  assert.deepEqual(fillTopic('%c/up', { c: '$SYS' }), { error: 'the topic begins with $' });
  assert.deepEqual(fillTopic('$portico/%c', { c: '$SYS' }), { topic: '$portico/$SYS' });
});

test('whatever a device is called, it stays in its own branch', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (clientId) => {
      const filled = fillTopic('tcp/%c/up', { c: clientId });
      if ('error' in filled) return;
      assert.ok(topicMatches(filled.topic, 'tcp/+/up'));
      assert.equal(filled.topic, `tcp/${clientId}/up`);
    }),
  );
});

test('a template with an unknown letter or a lone percent sign is a configuration error', () => {
  assert.equal(placeholderError('lwm2m/%e/%c/%u/%a/100%%', `${CLIENT_LETTERS}e`), undefined);
  assert.equal(placeholderError('%x/%c', 'cu'), '%x is not a placeholder here; there are %c %u');
  assert.equal(placeholderError('%a', 'cu'), '%a is not a placeholder here; there are %c %u');
  assert.equal(placeholderError('100%', 'cu'), 'a percent sign is written %%');
});
