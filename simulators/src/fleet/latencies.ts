/** Shortest time that is told apart from none, in milliseconds. */
const SHORTEST = 0.01;
/** Buckets for each doubling of time: a percentile is at most 5 % off. */
const BUCKETS_PER_OCTAVE = 16;
/** From {@link SHORTEST} to more than an hour. */
const BUCKETS = 30 * BUCKETS_PER_OCTAVE;

/** How long answers took: counts by time, in memory that does not grow. */
export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  /** @param milliseconds 0 or more */
  record(milliseconds: number): void {
    const octaves = Math.log2(Math.max(milliseconds, SHORTEST) / SHORTEST);
    const bucket = Math.min(Math.floor(octaves * BUCKETS_PER_OCTAVE), BUCKETS - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
  }

  /** The time that a share of the answers did not exceed, in milliseconds. @returns undefined without answers */
  percentile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    let bucket = 0;
    for (; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) break;
    }
    return SHORTEST * 2 ** ((bucket + 0.5) / BUCKETS_PER_OCTAVE);
  }

  reset(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}
