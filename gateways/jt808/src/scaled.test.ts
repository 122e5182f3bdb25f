import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idText } from '@portico/codec-jt808';
import { scaled } from './scaled.js';

const RAW = {
  status: 0b0100,
  latitude: 31_230_416,
  longitude: 121_473_701,
  speed: 605,
  time: '261121163000',
};
const SCALED = {
  status: 0b0100,
  latitude: -31.230416,
  longitude: 121.473701,
  speed: 60.5,
  time: '2026-11-21T16:30:00+08:00',
};

/** Where locations stand in messages, by id. */
const BODIES: readonly (readonly [number, (location: unknown) => Record<string, unknown>])[] = [
  [0x0201, (location) => ({ seq: 1, params: location })],
  [0x0500, (location) => ({ seq: 1, location })],
  [0x0704, (location) => ({ type: 0, location: [location, { data: '//8=' }, location] })],
  [0x0801, (location) => ({ id: 1, location, multimedia: '' })],
  [0x0802, (location) => ({ seq: 1, result: [{ id: 1, location }, { id: 2 }] })],
];

const decoded = (body: Record<string, unknown>) => ({ body, faults: [], edition: 2013 }) as const;

for (const [id, bodyWith] of BODIES) {
  test(`the locations of ${idText(id)} are in degrees and km/h, and what else there is stays`, () => {
    assert.deepEqual(scaled(id, decoded(bodyWith(RAW))), decoded(bodyWith(SCALED)));
  });
}

test('what could not be read of a location, and messages without one, stay as they are', () => {
  for (const [id, body] of [
    [0x0200, { alarm: 0, time: 'ab1121163000' }],
    [0x0704, { location: 'none' }],
    [0x0900, { latitude: 1_000_000 }],
  ] as const) {
    assert.deepEqual(scaled(id, decoded(body)), decoded(body));
  }
});
