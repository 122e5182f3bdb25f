import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import type { SourceErrors } from './source-errors.js';

interface Source {
  /** As operators see it. */
  readonly name: string;
}

/** How a chain talks to its sources. */
interface Dialogue<S extends Source, Args extends readonly unknown[], Answer> {
  ask(source: S, ...args: Args): MaybePromise<Answer>;
  /** Whether the answer means that the next source is to be asked. */
  ignores(answer: Answer): boolean;
}

/**
 * Sources of one kind, asked one after the other in the order in which they were added, until one does not
 * ignore the question. A source that throws or rejects has ignored it, and the error is reported: a database
 * that is down must not lock out the clients that others know.
 */
export class SourceChain<S extends Source, Args extends readonly unknown[], Answer> {
  readonly #dialogue: Dialogue<S, Args, Answer>;
  readonly #errors: SourceErrors;
  #first: S | undefined = undefined;
  #added: readonly S[] = [];
  #last: S | undefined = undefined;
  /** The first, those added, then the last. */
  #sources: readonly S[] = [];

  constructor(dialogue: Dialogue<S, Args, Answer>, errors: SourceErrors) {
    this.#dialogue = dialogue;
    this.#errors = errors;
  }

  get empty(): boolean {
    return this.#sources.length === 0;
  }

  /** In the order in which they are asked. */
  get sources(): readonly S[] {
    return this.#sources;
  }

  /** @returns removes the source again */
  add(source: S): () => void {
    this.#added = [...this.#added, source];
    this.#arrange();
    return () => {
      const at = this.#added.indexOf(source);
      if (at < 0) return;
      this.#added = this.#added.toSpliced(at, 1);
      this.#arrange();
    };
  }

  /** Sets the source that is asked before all others, whenever those are added; undefined for none. */
  setFirst(source: S | undefined): void {
    this.#first = source;
    this.#arrange();
  }

  /** Sets the source that is asked after all others, whenever those are added; undefined for none. */
  setLast(source: S | undefined): void {
    this.#last = source;
    this.#arrange();
  }

  /** The first answer that is not `ignore`; undefined when there is none. */
  ask(...args: Args): MaybePromise<Answer | undefined> {
    return this.#askFrom(this.#sources, 0, args);
  }

  #arrange(): void {
    this.#sources = [this.#first, ...this.#added, this.#last].filter((source) => source !== undefined);
  }

  #askFrom(sources: readonly S[], from: number, args: Args): MaybePromise<Answer | undefined> {
    for (let i = from; i < sources.length; i++) {
      const source = sources[i] as S;
      let answer: MaybePromise<Answer>;
      try {
        answer = this.#dialogue.ask(source, ...args);
      } catch (error) {
        this.#errors.report(source.name, error);
        continue;
      }
      if (isPromise(answer)) return this.#waitFor(sources, i, answer, args);
      if (!this.#dialogue.ignores(answer)) return answer;
    }
    return undefined;
  }

  async #waitFor(
    sources: readonly S[],
    at: number,
    pending: Promise<Answer>,
    args: Args,
  ): Promise<Answer | undefined> {
    try {
      const answer = await pending;
      if (!this.#dialogue.ignores(answer)) return answer;
    } catch (error) {
      this.#errors.report((sources[at] as S).name, error);
    }
    return this.#askFrom(sources, at + 1, args);
  }
}
