import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatCompact,
  isVersion,
  MAX_ID,
  parseCompact,
  RESOURCE_OPERATIONS,
  RESOURCE_TYPES,
  type ResourceDefinition,
} from '@portico/codec-lwm2m';
import { shippedDefinitions } from './shipped.js';

const shipped = shippedDefinitions();

function assertSoundResource(resource: ResourceDefinition, where: string): void {
  const { id, name, operations, type } = resource;
  assert.ok(Number.isInteger(id) && id >= 0 && id <= MAX_ID, where);
  assert.ok(name.length > 0, where);
  assert.ok(RESOURCE_OPERATIONS.includes(operations), `${where}: ${operations}`);
  assert.ok(RESOURCE_TYPES.includes(type), `${where}: ${type}`);
}

test('327 objects in 424 versions are shipped, each version once', () => {
  assert.equal(shipped.length, 424);
  assert.equal(new Set(shipped.map(({ id, version }) => `${id} ${version}`)).size, 424);
  assert.equal(new Set(shipped.map(({ id }) => id)).size, 327);
});

test('every shipped definition is sound', () => {
  for (const { id, version, line } of shipped) {
    const definition = parseCompact(line);
    const where = `${id} ${version}`;
    assert.equal(`${definition.id} ${definition.version}`, where);
    assert.ok(id <= MAX_ID, where);
    assert.ok(isVersion(version) && isVersion(definition.lwm2mVersion), where);
    assert.ok(definition.name.length > 0, where);
    for (const resource of definition.resources.values()) {
      assertSoundResource(resource, `${where} ${resource.id}`);
    }
    assert.equal(formatCompact(definition), line, where);
  }
});

test('the core objects of every release of LwM2M are shipped', () => {
  const versionsOf = (object: number) =>
    shipped.filter(({ id }) => id === object).map(({ version }) => version);
  assert.deepEqual(versionsOf(0), ['1.0', '1.1', '1.2']);
  assert.deepEqual(versionsOf(4), ['1.0', '1.1', '1.2', '1.3']);
  assert.deepEqual(versionsOf(7), ['1.0']);
});
