import { z } from 'zod';
import { fileContents } from '../file-contents.js';
import { DEFAULT_ROUTE } from './default-route.js';
import { type Point, Route } from './route.js';

/** Points of one route. */
const MAX_POINTS = 100_000;

const position = z
  .tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)])
  .rest(z.number())
  .transform(([lon, lat]): Point => ({ lon, lat }));
const line = z.array(position).min(2).max(MAX_POINTS);

/** The parts of GeoJSON that have a line (RFC 7946 §3.1.4 to §3.3). */
const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('LineString'), coordinates: line }).transform((found) => found.coordinates),
  z
    .object({ type: z.literal('Polygon'), coordinates: z.tuple([line]).rest(z.unknown()) })
    .transform((found) => found.coordinates[0]),
]);
const feature = z.object({ type: z.literal('Feature'), geometry }).transform((found) => found.geometry);
const collection = z
  .object({ type: z.literal('FeatureCollection'), features: z.tuple([feature]).rest(z.unknown()) })
  .transform((found) => found.features[0]);

const document = z.union([line, geometry, feature, collection]);

/**
 * Reads a route: pairs of longitude and latitude in a JSON array, or GeoJSON, of whose features the first counts.
 * @throws RangeError that tells what is wrong
 */
export function parseRoute(text: string): Route {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new RangeError('it is no JSON');
  }
  const found = document.safeParse(json);
  if (found.success) return new Route(found.data);
  throw new RangeError(
    `an array of 2 to ${MAX_POINTS} points [longitude, latitude] is needed, or GeoJSON with a LineString or Polygon`,
  );
}

/** From the path of a file to the route that it has; the default one without. */
export function routeSchema() {
  const read = fileContents().transform((bytes, context) => {
    try {
      return parseRoute(bytes.toString());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: 'custom', message: error.message, input: bytes });
      return z.NEVER;
    }
  });
  return read.optional().transform((route) => route ?? DEFAULT_ROUTE);
}
