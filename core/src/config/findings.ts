import { formatPath, isWithin, type KeyPath } from './key-path.js';
import { type ConfigProblem, type ConfigSource, formatProblem } from './problem.js';

interface Origin {
  readonly path: KeyPath;
  readonly source: ConfigSource;
}

/** What comes to light while the configuration is read: where values were written, and what is wrong. */
export class Findings {
  readonly problems: ConfigProblem[] = [];
  readonly #excused = new Set<string>();
  readonly #origins = new Map<string, Origin>();
  readonly #reserved: ReadonlySet<string>;
  readonly #reservedInUse = new Set<string>();

  /** @param reserved paths that later versions will have, such as `gateways.stomp` */
  constructor(reserved: readonly string[]) {
    this.#reserved = new Set(reserved);
  }

  /** The same, to which more can come. */
  copy(): Findings {
    const copy = new Findings([...this.#reserved]);
    copy.absorb(this);
    for (const [key, origin] of this.#origins) copy.#origins.set(key, origin);
    return copy;
  }

  /** Adds a problem, unless it is known word for word. */
  report(source: ConfigSource | undefined, path: KeyPath, reason: string): void {
    const problem = { source, path, reason };
    const line = formatProblem(problem);
    if (!this.problems.some((known) => formatProblem(known) === line)) this.problems.push(problem);
  }

  /** Forgets what is wrong at exactly this path. */
  forgive(path: KeyPath): void {
    const key = formatPath(path);
    const others = this.problems.filter((problem) => formatPath(problem.path) !== key);
    this.problems.splice(0, this.problems.length, ...others);
  }

  /** Notes that there is no value at `path` for a reason that has been reported, so that nobody misses it. */
  excuse(path: KeyPath): void {
    this.#excused.add(formatPath(path));
  }

  isExcused(path: KeyPath): boolean {
    return this.#excused.has(formatPath(path));
  }

  /** Whether something at `path` or below it is known to be wrong. */
  isReportedWithin(path: KeyPath): boolean {
    return this.problems.some((problem) => isWithin(problem.path, path));
  }

  /** Notes that the value at `path` was written at `source`, instead of all that was written there before. */
  written(path: KeyPath, source: ConfigSource): void {
    this.#origins.set(formatPath(path), { path, source });
  }

  /** Forgets all that was written at `path` and below it. */
  forget(path: KeyPath): void {
    for (const [key, origin] of this.#origins) if (isWithin(origin.path, path)) this.#origins.delete(key);
  }

  /** Where exactly the value at `path` was written; undefined when nobody wrote it. */
  writtenAt(path: KeyPath): ConfigSource | undefined {
    return this.#origins.get(formatPath(path))?.source;
  }

  /** Takes in what came to light elsewhere about a text that does not hold by itself: all but where values are. */
  absorb(other: Findings): void {
    this.problems.push(...other.problems);
    for (const path of other.#excused) this.#excused.add(path);
    for (const key of other.#reservedInUse) this.#reservedInUse.add(key);
  }

  /** The value at `path`, with all that is below it, is that of another text from now on. */
  takeOver(path: KeyPath, other: Findings): void {
    this.forget(path);
    for (const [key, origin] of other.#origins)
      if (isWithin(origin.path, path)) this.#origins.set(key, origin);
  }

  /** Where the value at `path` was written, or something in it, or else the nearest thing around it. */
  sourceOf(path: KeyPath): ConfigSource | undefined {
    for (let depth = path.length; depth > 0; depth--) {
      const around = path.slice(0, depth);
      const origin = this.#origins.get(formatPath(around)) ?? this.#firstWithin(around);
      if (origin !== undefined) return origin.source;
    }
    return undefined;
  }

  #firstWithin(path: KeyPath): Origin | undefined {
    for (const origin of this.#origins.values()) if (isWithin(origin.path, path)) return origin;
    return undefined;
  }

  /** The reserved keys that stand directly below `path`. */
  reservedBelow(path: KeyPath): readonly string[] {
    const prefix = path.length === 0 ? '' : `${formatPath(path)}.`;
    return [...this.#reserved]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .filter((key) => !key.includes('.'));
  }

  /** Whether `path` is a reserved key; it is noted as used then. */
  useReserved(path: KeyPath): boolean {
    const key = formatPath(path);
    if (!this.#reserved.has(key)) return false;
    this.#reservedInUse.add(key);
    return true;
  }

  /** One line for each reserved key that is set, whatever the number of places where it is. */
  warnings(): readonly string[] {
    return [...this.#reservedInUse].map((key) => `${key}: not part of this version, ignored`);
  }
}
