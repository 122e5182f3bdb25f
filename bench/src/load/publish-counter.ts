/**
 * Counts the PUBLISH packets in a stream of MQTT packets without looking into them: it reads the fixed header
 * (MQTT 5 §2.1) and skips the rest. Chunks may end anywhere. A packet counts when its last byte has come.
 */
export class PublishCounter {
  /** PUBLISH packets so far. */
  publishes = 0;
  /** All other packets so far. */
  others = 0;
  #isPublish = false;
  /** Bytes of the packet that have still to come; -1 while its header is not complete. */
  #remaining = -1;
  /** Remaining Length as far as it has been read, and the weight of its next byte; 0 at a packet's first byte. */
  #length = 0;
  #weight = 0;

  /** Reads `bytes[0, end)`. */
  push(bytes: Uint8Array, end: number): void {
    let at = 0;
    while (at < end) {
      if (this.#remaining < 0) {
        this.#readHeaderByte(bytes[at++] as number);
      } else {
        const step = Math.min(this.#remaining, end - at);
        this.#remaining -= step;
        at += step;
      }
      if (this.#remaining === 0) this.#finish();
    }
  }

  #readHeaderByte(byte: number): void {
    if (this.#weight === 0) {
      this.#isPublish = byte >> 4 === 3;
      this.#length = 0;
      this.#weight = 1;
      return;
    }
    this.#length += (byte & 0x7f) * this.#weight;
    this.#weight *= 128;
    if (byte < 0x80) this.#remaining = this.#length;
  }

  #finish(): void {
    if (this.#isPublish) this.publishes++;
    else this.others++;
    this.#remaining = -1;
    this.#weight = 0;
  }
}
