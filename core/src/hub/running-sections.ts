import { isDeepStrictEqual } from 'node:util';
import { valueAt } from '../config/check.js';
import { isSettings } from '../config/environment.js';
import type { ConfigSection, TakeOn } from './config-section.js';

/** The sections of a hub beside those of gateways, each with what the hub runs by. */
export class RunningSections {
  readonly #sections: ReadonlyMap<string, ConfigSection>;
  readonly #needsRestart: (path: readonly string[]) => boolean;
  readonly #running: Map<string, unknown>;

  /** @param needsRestart whether only a start reads what is at a path */
  constructor(sections: readonly ConfigSection[], needsRestart: (path: readonly string[]) => boolean) {
    this.#sections = new Map(sections.map((section) => [section.name, section]));
    this.#needsRestart = needsRestart;
    this.#running = new Map(sections.map(({ name, config }) => [name, config]));
  }

  get names(): readonly string[] {
    return [...this.#sections.keys()];
  }

  has(name: string): boolean {
    return this.#sections.has(name);
  }

  /** What the hub runs by at a path. */
  valueAt([name = '', ...below]: readonly string[]): unknown {
    return valueAt(this.#running.get(name), below);
  }

  /** Whether the hub would go by something else with a changed section, as far as it can without a restart. */
  differs(name: string, changed: unknown): boolean {
    return !isDeepStrictEqual(this.#running.get(name), this.#feasible(name, changed));
  }

  /**
   * Makes ready what a changed section asks for; what only a start reads stays as it is.
   * @param given see {@link ConfigSection.prepare}
   * @throws PorticoError (it rejects) when that cannot be done
   */
  async prepare(name: string, changed: unknown, given: readonly (readonly string[])[] = []): Promise<TakeOn> {
    const section = this.#sections.get(name);
    if (section === undefined) throw new TypeError(`no section ${name}`);
    const feasible = this.#feasible(name, changed);
    const takeOn = await section.prepare(feasible, given);
    return () => {
      takeOn();
      this.#running.set(name, feasible);
    };
  }

  #feasible(name: string, changed: unknown): unknown {
    const running = this.#running.get(name);
    if (!isSettings(changed) || !isSettings(running)) return running;
    const own = Object.entries(running).filter(([key]) => this.#needsRestart([name, key]));
    const others = Object.entries(changed).filter(([key]) => !this.#needsRestart([name, key]));
    return Object.fromEntries([...own, ...others]);
  }
}
