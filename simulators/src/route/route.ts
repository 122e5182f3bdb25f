/** A place on the earth: degrees, WGS 84. */
export interface Point {
  readonly lon: number;
  readonly lat: number;
}

/** A place on a route, and where it goes from there. */
export interface Place extends Point {
  /** Degrees from north, clockwise: 0 up to 360. */
  readonly heading: number;
}

const EARTH_RADIUS = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** Metres between two points, along the great circle. */
export function distance(from: Point, to: Point): number {
  const [phi1, phi2] = [radians(from.lat), radians(to.lat)];
  const latHalf = Math.sin((phi2 - phi1) / 2);
  const lonHalf = Math.sin(radians(to.lon - from.lon) / 2);
  const chord = latHalf * latHalf + Math.cos(phi1) * Math.cos(phi2) * lonHalf * lonHalf;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(chord)));
}

/** Where one has to look to from one point to another. */
export function heading(from: Point, to: Point): number {
  const [phi1, phi2] = [radians(from.lat), radians(to.lat)];
  const turn = radians(to.lon - from.lon);
  const east = Math.sin(turn) * Math.cos(phi2);
  const north = Math.cos(phi1) * Math.sin(phi2) - Math.sin(phi1) * Math.cos(phi2) * Math.cos(turn);
  return (degrees(Math.atan2(east, north)) + 360) % 360;
}

/** A way without an end: round and round where it ends where it begins, else there and back. */
export class Route {
  readonly #points: readonly Point[];
  /** Metres from the begin to each point. */
  readonly #distances: readonly number[];
  /** Metres until it begins again. */
  readonly length: number;

  /**
   * @param points at least two that differ
   * @throws RangeError when there are no two
   */
  constructor(points: readonly Point[]) {
    const way = points.filter((point, index) => index === 0 || !isSame(point, points[index - 1]));
    const isLoop = way.length > 2 && isSame(way[0], way.at(-1));
    this.#points = isLoop ? way : [...way, ...way.slice(0, -1).reverse()];
    const distances = [0];
    let sum = 0;
    for (const [index, point] of this.#points.entries()) {
      const next = this.#points[index + 1];
      if (next === undefined) break;
      sum += distance(point, next);
      distances.push(sum);
    }
    if (sum === 0) throw new RangeError('a route has two points that differ, at least');
    this.#distances = distances;
    this.length = sum;
  }

  /** Where one is so many metres behind the begin. */
  at(metres: number): Place {
    const along = ((metres % this.length) + this.length) % this.length;
    const leg = this.#legAt(along);
    const [from, to] = [this.#points[leg], this.#points[leg + 1]] as [Point, Point];
    const [begin, end] = [this.#distances[leg], this.#distances[leg + 1]] as [number, number];
    const share = (along - begin) / (end - begin);
    return {
      lon: from.lon + (to.lon - from.lon) * share,
      lat: from.lat + (to.lat - from.lat) * share,
      heading: heading(from, to),
    };
  }

  /** The number of the last point that is not behind a distance. */
  #legAt(along: number): number {
    let low = 0;
    let high = this.#distances.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#distances[middle] as number) <= along) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function isSame(one: Point | undefined, other: Point | undefined): boolean {
  return one?.lon === other?.lon && one?.lat === other?.lat;
}
