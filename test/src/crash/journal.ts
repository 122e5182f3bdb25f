import type { Finding, FindingKind } from './delivery-check.js';

/** What all clients of a trial note together. */
export class Journal {
  readonly findings: Finding[] = [];
  /** Packets that came from the hub. */
  #packets = 0;
  #awaited = Number.POSITIVE_INFINITY;
  #reached = () => {};

  get packets(): number {
    return this.#packets;
  }

  packetCame(): void {
    this.#packets++;
    if (this.#packets >= this.#awaited) this.#reached();
  }

  /** Waits until so many more packets have come, or for so many milliseconds if they do not. */
  morePackets(count: number, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const impatience = setTimeout(() => this.#reached(), milliseconds);
      this.#awaited = this.#packets + count;
      this.#reached = () => {
        clearTimeout(impatience);
        this.#awaited = Number.POSITIVE_INFINITY;
        resolve();
      };
    });
  }

  find(kind: FindingKind, text: string): void {
    this.findings.push({ kind, text });
  }
}
