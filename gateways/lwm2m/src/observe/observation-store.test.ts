import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newStorage, parsed, typeOf } from '../commands/testing/parts.js';
import { Observation } from './observation.js';
import { ObservationStore } from './observation-store.js';

const OBSERVED = [
  new Observation(
    Buffer.from('0102030405060708', 'hex'),
    parsed({ reqID: 1, msgType: 'observe', data: { path: '/3/0/9' } }),
  ),
  new Observation(
    Buffer.from('1112131415161718', 'hex'),
    parsed({ msgType: 'observe-composite', data: { paths: ['/1', '/3'] } }),
  ),
];

test('observations are there after a restart', async () => {
  const storage = newStorage();
  new ObservationStore(storage).save('a', OBSERVED);
  const loaded = await new ObservationStore(storage).load('a', typeOf);
  assert.deepEqual(
    loaded.map(({ token, command }) => [token, command]),
    OBSERVED.map(({ token, command }) => [token, command]),
  );
  assert.deepEqual(await new ObservationStore(storage).load('b', typeOf), []);
});

test('with the last one, the record goes', () => {
  const storage = newStorage();
  const store = new ObservationStore(storage);
  store.save('a', OBSERVED);
  store.save('a', []);
  store.forget('a');
  assert.deepEqual([...storage.keys()], []);
});

test('what cannot be understood is no observation', async () => {
  for (const record of [
    '{',
    '[{"token":1}]',
    '[{"token":"01","text":"{}"}]',
    '[{"token":"01","text":"{\\"msgType\\":\\"read\\",\\"data\\":{\\"path\\":\\"/3\\"}}"}]',
  ]) {
    const storage = newStorage();
    storage.put('observations\0a', Buffer.from(record));
    assert.deepEqual(await new ObservationStore(storage).load('a', typeOf), []);
  }
});
