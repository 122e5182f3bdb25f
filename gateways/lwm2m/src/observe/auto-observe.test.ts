import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsToObserve } from './auto-observe.js';

const LISTED = ['/1', '/1/0', '/3/0', '/31024', '/31024/10', '/31024/11', '/5'];

test('nothing is observed unless it is asked for', () => {
  assert.deepEqual(pathsToObserve(false, LISTED), []);
  assert.deepEqual(pathsToObserve([], LISTED), []);
});

test('instances are observed, and objects that have none', () => {
  assert.deepEqual(pathsToObserve(true, LISTED), ['/1/0', '/3/0', '/31024/10', '/31024/11', '/5']);
});

test('of a list, what the device has', () => {
  const list = ['/3/0/9', '3', '/3/1', '/4/0/2', '/5/0/3', '/31024/12'];
  assert.deepEqual(pathsToObserve(list, ['/3/0', '/5', '/31024', '/31024/10']), [
    '/3/0/9',
    '/3',
    '/5/0/3',
    '/31024/12',
  ]);
  assert.deepEqual(pathsToObserve(list, []), []);
});
