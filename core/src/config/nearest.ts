/**
 * The candidate that somebody most likely meant by `name`, or undefined when none is near. Case and the marks
 * between words do not count, so `maxInflight` finds `max_inflight`; otherwise up to a third of the letters
 * may be wrong.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = bare(name);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, bare(candidate), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to make `a` into `b` (optimal string
 * alignment); `limit` or more when it is at least that many.
 */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      current.push(cheapestStep(a, b, row, column, current, last, beforeLast));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? limit;
}

function cheapestStep(
  a: string,
  b: string,
  row: number,
  column: number,
  current: readonly number[],
  last: readonly number[],
  beforeLast: readonly number[],
): number {
  const cost = (line: readonly number[], at: number) => line[at] ?? Number.POSITIVE_INFINITY;
  const replaced = cost(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
  const swapped =
    a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      ? cost(beforeLast, column - 2) + 1
      : Number.POSITIVE_INFINITY;
  return Math.min(cost(last, column) + 1, cost(current, column - 1) + 1, replaced, swapped);
}
