import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_OBJECTS } from '../object-list.js';
import type { Registration } from '../registration.js';
import { profileOf } from './device-profile.js';

/** The version of an object that counts for a device of that version of LwM2M, which names versions of some. */
function versionFor(objectId: number, lwm2m: string, named: readonly (readonly [number, string])[] = []) {
  const registration: Registration = {
    lwm2m,
    lifetime: 60,
    binding: 'U',
    queue: false,
    sms: undefined,
    others: [],
    objects: { ...NO_OBJECTS, versions: new Map(named) },
  };
  let asked: string | undefined;
  const model = {
    typeOf(_path: readonly number[], version?: string) {
      asked = version;
      return undefined;
    },
  };
  profileOf(registration, model).typeOf([objectId, 0, 1]);
  return asked;
}

test('the version of an object is what the device names', () => {
  assert.equal(versionFor(3303, '1.1', [[3303, '1.1']]), '1.1');
  assert.equal(versionFor(0, '1.2', [[0, '1.1']]), '1.1');
});

test('a core object without a version is that of the device’s LwM2M, another one the initial one', () => {
  assert.equal(versionFor(0, '1.2'), '1.2');
  assert.equal(versionFor(0, '1.0'), undefined);
  assert.equal(versionFor(0, '1'), undefined);
  assert.equal(versionFor(3303, '1.2'), undefined);
});
