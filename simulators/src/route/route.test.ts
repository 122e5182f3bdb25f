import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@portico/core';
import fc from 'fast-check';
import { Random } from '../fleet/random.js';
import { DEFAULT_ROUTE } from './default-route.js';
import { Journey } from './journey.js';
import { parseRoute } from './read-route.js';
import { distance, heading, type Point, Route } from './route.js';

const near = (one: number, other: number, tolerance: number) =>
  assert.ok(Math.abs(one - other) <= tolerance, `${one} is not ${other}`);

const points = (...pairs: readonly (readonly [number, number])[]): Point[] =>
  pairs.map(([lon, lat]) => ({ lon, lat }));

test('a degree of latitude is 111.2 km, one of longitude less the further from the equator', () => {
  const [origin, north, east] = points([10, 0], [10, 1], [11, 0]) as [Point, Point, Point];
  near(distance(origin, north), 111_195, 10);
  near(distance(origin, east), 111_195, 10);
  near(distance({ lon: 10, lat: 60 }, { lon: 11, lat: 60 }), 55_597, 100);
});

test('headings go clockwise from north', () => {
  const middle = { lon: 0, lat: 0 };
  for (const [lon, lat, expected] of [
    [0, 1, 0],
    [1, 0, 90],
    [0, -1, 180],
    [-1, 0, 270],
  ] as const) {
    near(heading(middle, { lon, lat }), expected, 0.001);
  }
});

test('a loop goes round and round', () => {
  const loop = new Route(points([0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]));
  const start = loop.at(0);
  assert.deepEqual([start.lon, start.lat], [0, 0]);
  near(loop.at(0).heading, 90, 0.01);
  near(loop.at(loop.length * 0.125).lon, 0.005, 0.0001);
  near(loop.at(loop.length * 1.125).lon, 0.005, 0.0001);
  near(loop.at(-loop.length * 0.125).lat, 0.005, 0.0001);
});

test('any other way goes there and back', () => {
  const way = new Route(points([0, 0], [0.01, 0], [0.02, 0]));
  near(way.at(way.length / 4).lon, 0.01, 0.00001);
  near(way.at(way.length / 4).heading, 90, 0.01);
  near(way.at((way.length * 3) / 4).lon, 0.01, 0.00001);
  near(way.at((way.length * 3) / 4).heading, 270, 0.01);
});

test('points that stand twice do no harm, and a way without any length is none', () => {
  const route = new Route(points([0, 0], [0, 0], [0.01, 0]));
  near(route.at(route.length / 4).lon, 0.005, 0.0001);
  assert.throws(() => new Route(points([1, 1], [1, 1])), RangeError);
});

test('at every distance of every route there is a place between its points', () => {
  const coordinate = fc.record({
    lon: fc.double({ min: 100, max: 101, noNaN: true }),
    lat: fc.double({ min: 30, max: 31, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(coordinate, { minLength: 2, maxLength: 10 }),
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      (way, metres) => {
        fc.pre(way.some((point, index) => index > 0 && distance(point, way[0] as Point) > 1));
        const { lon, lat, heading: direction } = new Route(way).at(metres);
        assert.ok(lon >= 100 && lon <= 101 && lat >= 30 && lat <= 31, `${lon} ${lat}`);
        assert.ok(direction >= 0 && direction < 360, String(direction));
      },
    ),
  );
});

test('what a vehicle is found at fits what it was before: distance, mileage, speed', () => {
  const clock = new VirtualClock();
  const journey = new Journey(DEFAULT_ROUTE, new Random(3), clock);
  let before = journey.look();
  for (let second = 0; second < 600; second++) {
    clock.advance(1000);
    const fix = journey.look();
    const driven = fix.mileage - before.mileage;
    near(driven, (before.speed + fix.speed) / 2 / 3.6, 0.01);
    assert.ok(distance(before, fix) <= driven + 0.1, 'as the crow flies it is no longer');
    assert.ok(Math.abs(fix.speed - before.speed) <= 3.001);
    assert.ok(fix.speed >= 10 && fix.speed <= 90, String(fix.speed));
    assert.equal(fix.time, before.time + 1000);
    before = fix;
  }
});

test('routes are read from pairs and from GeoJSON', () => {
  const line = [
    [121.1, 31.1],
    [121.2, 31.1, 12],
    [121.2, 31.2],
  ];
  const lineString = { type: 'LineString', coordinates: line };
  const feature = { type: 'Feature', properties: { name: 'a' }, geometry: lineString };
  const expected = parseRoute(JSON.stringify(line)).length;
  for (const json of [lineString, feature, { type: 'FeatureCollection', features: [feature, 1] }]) {
    assert.equal(parseRoute(JSON.stringify(json)).length, expected);
  }
  const ring = { type: 'Polygon', coordinates: [[...line, line[0]]] };
  assert.ok(parseRoute(JSON.stringify(ring)).length > expected / 2);
});

test('what is no route is told of', () => {
  for (const [text, reason] of [
    ['{', /no JSON/],
    ['[]', /points \[longitude, latitude\]/],
    ['[[1,2]]', /points/],
    ['[[1,2],[1,91]]', /points/],
    ['{"type":"Point","coordinates":[1,2]}', /GeoJSON/],
    ['[[1,2],[1,2]]', /two points that differ/],
  ] as const) {
    assert.throws(() => parseRoute(text), reason, text);
  }
});
