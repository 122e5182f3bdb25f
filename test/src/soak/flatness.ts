/** How much the later part of a run may lie above the earlier one. */
const TOLERANCE = 0.1;

/**
 * How much memory grew: the median of the last third of the samples over that of the middle third. The first third
 * is for filling caches, queues and what lives for a while.
 * @returns 0.05 for 5 %
 */
export function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  if (third === 0) throw new RangeError('fewer than three samples');
  return median(samples.slice(-third)) / median(samples.slice(third, 2 * third)) - 1;
}

export function isFlat(samples: readonly number[]): boolean {
  return growth(samples) <= TOLERANCE;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
