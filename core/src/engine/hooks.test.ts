import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HookPoint } from './hooks.js';

function point() {
  const errors: string[] = [];
  const hook = new HookPoint<[step: number], string>('test', (_point, name) => errors.push(name));
  return { hook, errors };
}

test('functions run by priority, then in the order added; each sees what the one before made', () => {
  const { hook } = point();
  hook.add('second', (value) => ({ value: `${value}2` }));
  hook.add('third', (value) => ({ value: `${value}3` }));
  hook.add('first', (value) => ({ value: `${value}1` }), 10);
  hook.add('last', (value) => ({ value: `${value}4` }), -10);
  assert.equal(hook.run('0', 1), '01234');
});

test('stop ends the chain, with or without a new value', () => {
  const { hook } = point();
  hook.add('one', (value, step) => (step === 1 ? { stop: true } : { stop: true, value: `${value}!` }), 1);
  hook.add('never', () => ({ value: 'never' }));
  assert.equal(hook.run('a', 1), 'a');
  assert.equal(hook.run('a', 2), 'a!');
});

test('an asynchronous function makes the answer a promise and keeps its place', async () => {
  const { hook } = point();
  hook.add('sync', (value) => ({ value: `${value}1` }), 2);
  hook.add('async', async (value) => ({ value: `${value}2` }), 1);
  hook.add('after', (value) => ({ value: `${value}3` }));
  const result = hook.run('', 0);
  assert.ok(result instanceof Promise);
  assert.equal(await result, '123');
});

test('what throws, at once or later, is reported and left out', async () => {
  const { hook, errors } = point();
  hook.add('throws', () => {
    throw new Error('now');
  });
  hook.add('rejects', () => Promise.reject(new Error('later')));
  hook.add('works', (value) => ({ value: `${value}!` }));
  assert.equal(await hook.run('a', 0), 'a!');
  assert.deepEqual(errors, ['throws', 'rejects']);
});

test('a function can be removed, also while the chain runs', () => {
  const { hook } = point();
  assert.equal(hook.empty, true);
  const remove = hook.add('once', (value) => {
    remove();
    return { value: `${value}1` };
  });
  assert.equal(hook.run('', 0), '1');
  assert.equal(hook.run('', 0), '');
  assert.equal(hook.empty, true);
});

test('what is no answer at all, from a function without types, changes nothing', async () => {
  const { hook, errors } = point();
  for (const nothing of [null, 7, 'text', true]) {
    hook.add(`at once ${nothing}`, () => nothing as never);
    hook.add(`later ${nothing}`, async () => nothing as never);
  }
  assert.equal(await hook.run('value', 1), 'value');
  assert.deepEqual(errors, []);
});
