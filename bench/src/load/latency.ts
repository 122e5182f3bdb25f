/** Writes the present time into the first eight bytes of a payload. */
export function stampPayload(payload: Buffer): void {
  payload.writeDoubleLE(performance.now());
}

/** How long messages with a stamped payload took, since the last reset. */
export class Latencies {
  #milliseconds: number[] = [];

  reset(): void {
    this.#milliseconds = [];
  }

  /** A message has arrived. */
  record(payload: Buffer): void {
    this.add(performance.now() - payload.readDoubleLE());
  }

  add(milliseconds: number): void {
    this.#milliseconds.push(milliseconds);
  }

  get summary(): { readonly median: number; readonly p99: number } {
    const sorted = Float64Array.from(this.#milliseconds).sort();
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    return { median: at(0.5), p99: at(0.99) };
  }
}
