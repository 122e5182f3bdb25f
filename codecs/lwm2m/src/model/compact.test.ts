import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_ID } from '../path.js';
import { formatCompact, parseCompact, readCompactKey } from './compact.js';
import {
  type ObjectDefinition,
  RESOURCE_OPERATIONS,
  RESOURCE_TYPES,
  type ResourceDefinition,
} from './types.js';

const anyId = fc.integer({ min: 0, max: MAX_ID });
const anyVersion = fc.tuple(fc.nat(99_999), fc.nat(99_999)).map((numbers) => numbers.join('.'));

/** Objects as literals make them. */
const PLAIN = { noNullPrototype: true };

const anyResource: fc.Arbitrary<ResourceDefinition> = fc.record(
  {
    id: anyId,
    name: fc.string({ unit: 'binary' }),
    operations: fc.constantFrom(...RESOURCE_OPERATIONS),
    multiple: fc.boolean(),
    mandatory: fc.boolean(),
    type: fc.constantFrom(...RESOURCE_TYPES),
    range: fc.string({ unit: 'binary' }),
    units: fc.string(),
  },
  PLAIN,
);

const anyDefinition: fc.Arbitrary<ObjectDefinition> = fc.record(
  {
    id: anyId,
    name: fc.string({ unit: 'binary' }),
    version: anyVersion,
    lwm2mVersion: anyVersion,
    multiple: fc.boolean(),
    mandatory: fc.boolean(),
    resources: fc
      .uniqueArray(anyResource, { selector: ({ id }) => id, maxLength: 5 })
      .map((resources) => new Map(resources.map((resource) => [resource.id, resource]))),
  },
  PLAIN,
);

test('a definition is the same when it has been written as a line and read again', () => {
  fc.assert(
    fc.property(anyDefinition, (definition) => {
      const line = formatCompact(definition);
      assert.ok(!line.includes('\n'));
      assert.deepEqual(parseCompact(line), definition);
      assert.deepEqual(readCompactKey(line), { id: definition.id, version: definition.version, line });
    }),
  );
});

test('a line is as short as its doc comment says', () => {
  const line =
    '[3,"1.0","Device","1.0","M",[0,"Manufacturer","R","","string"],[7,"Power Source Voltage","R","*","integer","","mV"]]';
  assert.equal(formatCompact(parseCompact(line)), line);
});

test('what is no line of a definition has no key', () => {
  for (const line of ['', '# comment', '["3","1.0"]', '[3]', '[3,"x",']) {
    assert.equal(readCompactKey(line), undefined, line);
  }
});
