/**
 * How often a client has been sent the same message without an answer. Of several that are on their way only one is
 * watched, and after it the next: enough to see that nothing is answered any more.
 */
export class RetryCount {
  #watched: number | undefined;
  #retries = 0;

  /** A message is sent, for the first time or again. @returns how often it has been sent again */
  sent(packetId: number): number {
    if (this.#watched === undefined) {
      this.#watched = packetId;
      this.#retries = 0;
      return 0;
    }
    return packetId === this.#watched ? ++this.#retries : 0;
  }

  /** The client has answered the message. */
  answered(packetId: number): void {
    if (packetId === this.#watched) this.#watched = undefined;
  }

  /** Begins anew. */
  reset(): void {
    this.#watched = undefined;
  }
}
