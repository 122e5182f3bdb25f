import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCompact, readCompactKey } from './compact.js';
import { impliedVersion } from './core-objects.js';
import { ObjectModel } from './object-model.js';
import type { ObjectDefinition } from './types.js';

function definition(id: number, version: string, name = `Object ${id}`): ObjectDefinition {
  const resource = { id: 1, name: 'State', operations: 'RW', multiple: true, mandatory: false } as const;
  return {
    id,
    name,
    version,
    lwm2mVersion: '1.0',
    multiple: true,
    mandatory: false,
    resources: new Map([[1, { ...resource, type: 'integer', range: '0..3', units: 's' }]]),
  };
}

function modelOf(id: number, ...versions: string[]): ObjectModel {
  const model = new ObjectModel();
  for (const version of versions) model.add(definition(id, version));
  return model;
}

test('versions of an object stand side by side', () => {
  const model = modelOf(500, '1.10', '1.2', '2.0', '1.0');
  assert.equal(model.size, 4);
  assert.deepEqual([...model.objectIds()], [500]);
  assert.deepEqual(model.versionsOf(500), ['1.0', '1.2', '1.10', '2.0']);
  assert.equal(model.find(500, '1.10')?.version, '1.10');
});

test('an object without a version is 1.0, whatever else is known', () => {
  assert.equal(modelOf(500, '2.0', '1.1', '1.0').find(500)?.version, '1.0');
});

test('an object without a version that never was 1.0 is its lowest version', () => {
  assert.equal(modelOf(3410, '2.1', '2.0').find(3410)?.version, '2.0');
});

test('of an unknown version the next lower one counts, or else the next higher one', () => {
  const model = modelOf(500, '1.2', '1.4', '2.1', '2.3');
  assert.equal(model.find(500, '1.3')?.version, '1.2');
  assert.equal(model.find(500, '1.9')?.version, '1.4');
  assert.equal(model.find(500, '1.0')?.version, '1.2');
  assert.equal(model.find(500, '2.0')?.version, '2.1');
});

test('a definition of another major number never counts', () => {
  const model = modelOf(500, '1.0', '3.0');
  assert.equal(model.find(500, '2.0'), undefined);
  assert.equal(model.find(500, '4.0'), undefined);
});

test('a version that is none finds nothing', () => {
  assert.equal(modelOf(500, '1.0').find(500, 'new'), undefined);
});

test('a definition takes the place of an earlier one of the same version', () => {
  const model = modelOf(500, '1.0', '1.1');
  model.add(definition(500, '1.1', 'Mine'));
  assert.equal(model.size, 2);
  assert.equal(model.find(500, '1.1')?.name, 'Mine');
});

test('a resource is found at its path and below it', () => {
  const model = modelOf(500, '1.0');
  assert.equal(model.resource([500, 0, 1])?.name, 'State');
  assert.equal(model.resource([500, 0, 1, 7])?.name, 'State');
  assert.equal(model.typeOf([500, 3, 1])?.type, 'integer');
  for (const path of [[], [500], [500, 0], [500, 0, 2], [501, 0, 1]]) {
    assert.equal(model.resource(path), undefined, path.join('/'));
  }
});

test('a compact definition is the same as the one it was made of, and is read once', () => {
  const key = readCompactKey(formatCompact(definition(500, '1.2')));
  assert.ok(key);
  const model = new ObjectModel();
  model.addCompact(key);
  assert.deepEqual(model.versionsOf(500), ['1.2']);
  assert.deepEqual(model.find(500), definition(500, '1.2'));
  assert.equal(model.find(500), model.find(500));
});

test('of a core object a device means the version of its LwM2M', () => {
  assert.deepEqual(
    ['1.0', '1.1', '1.2', '1.2.1'].map((release) => impliedVersion(0, release)),
    [undefined, '1.1', '1.2', '1.2'],
  );
  assert.equal(impliedVersion(4, '1.1'), '1.2');
  assert.equal(impliedVersion(5, '1.2'), '1.1');
  assert.equal(impliedVersion(6, '1.2'), undefined);
});

test('of any other object, or with a release that nobody knows, the initial version is meant', () => {
  assert.equal(impliedVersion(3303, '1.2'), undefined);
  assert.equal(impliedVersion(3, '9.9'), undefined);
  assert.equal(impliedVersion(3, ''), undefined);
});
