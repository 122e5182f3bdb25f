/** Standard output, or a stand-in for it. */
export interface Output {
  /** @returns false when more should be written only after the next `drain` */
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** Writes as fast as somebody reads. */
export class Printer {
  readonly #output: Output;
  #unread = false;
  #goOn: () => void = () => {};

  constructor(output: Output) {
    this.#output = output;
    output.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
      this.#unread = true;
      this.#goOn();
    });
  }

  /** @returns false when nobody reads any more: `portico … | head` */
  async print(text: string): Promise<boolean> {
    if (!this.#output.write(text)) {
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
        this.#output.once('drain', resolve);
      });
    }
    return !this.#unread;
  }
}
