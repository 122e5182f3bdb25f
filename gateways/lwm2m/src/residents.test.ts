import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Device } from './device.js';
import { Residents } from './residents.js';

const devices = ['a', 'b', 'c'].map((endpoint) => ({ endpoint }) as Device);

test('however devices come and go, it knows who is there', () => {
  const step = fc.record({ device: fc.constantFrom(...devices), comes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const residents = new Residents();
      const expected = new Set<Device>();
      for (const { device, comes } of steps) {
        if (comes) residents.add(device);
        else residents.delete(device);
        if (comes) expected.add(device);
        else expected.delete(device);
        assert.equal(residents.size, expected.size);
        assert.deepEqual([...residents], [...expected]);
        assert.equal(residents.only, expected.size === 1 ? [...expected][0] : undefined);
      }
    }),
  );
});

test('devices may leave while they are gone through', () => {
  const residents = new Residents();
  for (const device of devices) residents.add(device);
  for (const device of residents) residents.delete(device);
  assert.equal(residents.size, 0);
});
