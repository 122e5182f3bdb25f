import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { checkSettings, valueAt } from './check.js';
import { applyEnvironment, type Environment, isSettings, type Settings } from './environment.js';
import { FileReading, readConfigFile } from './file-reading.js';
import { Findings } from './findings.js';
import type { KeyPath } from './key-path.js';
import { applyOverrides, leavesOf, type Overrides } from './overrides.js';
import { type ConfigProblem, type ConfigSource, formatSource } from './problem.js';
import { type SchemaNode, schemaTree } from './schema-tree.js';
import { type ConfigValue, valuesOf } from './values.js';

export interface ConfigInput<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** Name of the YAML file, as it is to be shown; read unless `text` is given. Without both there are only defaults. */
  readonly file?: string | undefined;
  /** The YAML text, when it does not come from a file. */
  readonly text?: string;
  /** The file as it was read before; neither it nor `text` is read then. */
  readonly reading?: FileReading | undefined;
  /** Variables named `PORTICO_…` override the file. */
  readonly env?: Environment;
  /**
   * What was changed while the hub ran, which takes the place of what the file says; or how to find it, by what file and
   * environment say, since they say where that is kept.
   */
  readonly overrides?: Overrides | ((settings: Settings) => Overrides | undefined);
  /** Paths that later versions will have: setting them gives a warning and nothing else. */
  readonly reserved?: readonly string[];
  /** Paths whose values are left out as though nobody had written them, right or wrong. */
  readonly leaveOut?: readonly KeyPath[];
}

export type ConfigResult<Config> =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly string[];
      /** Every key with a value, and where that comes from. */
      values(): readonly ConfigValue[];
      /**
       * What of the environment has the last word about a value that was given to a path, where it says something else:
       * the value, or a setting in it, has no effect. Undefined where it has.
       */
      overruling(path: readonly string[], value: unknown): ConfigSource | undefined;
    }
  | {
      readonly ok: false;
      /** `PORTICO_ERR_CONFIG_SYNTAX` when the text is no YAML, so that no more can be said. */
      readonly code: ConfigErrorCode;
      /** What file, changes and environment say, whatever is wrong with it; undefined when the text is no YAML. */
      readonly settings: Settings | undefined;
      readonly problems: readonly ConfigProblem[];
      readonly warnings: readonly string[];
    };

export type ConfigErrorCode = 'PORTICO_ERR_CONFIG' | 'PORTICO_ERR_CONFIG_SYNTAX';

/**
 * Reads and checks the configuration: the file, what was changed while the hub ran over it, the environment over both,
 * and the defaults of the schema below all. All problems are found at once, each with its place; secrets are not part of any.
 *
 * A message that a schema gives for a wrong value says what is allowed ("a duration such as 15s"); that of a
 * `refine` is a clause of its own ("cert and key are given together or not at all").
 *
 * @throws PorticoError `PORTICO_ERR_CONFIG_FILE` when the file cannot be read
 */
export function loadConfig<Schema extends z.ZodType>(
  input: ConfigInput<Schema>,
): ConfigResult<z.output<Schema>> {
  const tree = schemaTree(input.schema);
  const { settings, findings } = (input.reading ?? readInput(input)).copy();
  if (settings === undefined) {
    const { problems } = findings;
    return { ok: false, code: 'PORTICO_ERR_CONFIG_SYNTAX', settings, problems, warnings: [] };
  }
  const overrides =
    typeof input.overrides === 'function' ? input.overrides(peek(settings, tree, input)) : input.overrides;
  if (overrides !== undefined) applyOverrides(settings, overrides, tree, findings, input.reserved ?? []);
  const before = structuredClone(settings);
  applyEnvironment(settings, tree, input.env ?? {}, findings);
  for (const path of input.leaveOut ?? []) leaveOut(settings, path, findings);
  const checked = checkSettings(settings, input.schema, tree, findings);
  const warnings = findings.warnings();
  if (checked.ok && findings.problems.length === 0) {
    const values = () => [...valuesOf(settings, tree, findings)];
    return {
      ok: true,
      config: checked.config,
      warnings,
      values,
      overruling: (path, value) => overruling({ before, after: settings, findings }, path, value),
    };
  }
  const problems = findings.problems.toSorted(byPlace);
  return { ok: false, code: 'PORTICO_ERR_CONFIG', settings, problems, warnings };
}

/** Of a list the whole list goes. */
function leaveOut(settings: Settings, path: KeyPath, findings: Findings): void {
  findings.forgive(path);
  let section = settings;
  for (const [depth, key] of path.entries()) {
    const value = section[key];
    if (depth === path.length - 1 || !isSettings(value)) {
      delete section[key];
      return;
    }
    section = value;
  }
}

/** What file and environment say, whatever is wrong with it. */
function peek(
  settings: Settings,
  tree: SchemaNode,
  { env = {}, reserved = [] }: ConfigInput<z.ZodType>,
): Settings {
  const copy = structuredClone(settings);
  applyEnvironment(copy, tree, env, new Findings(reserved));
  return copy;
}

function readInput(input: ConfigInput<z.ZodType>): FileReading {
  const text = input.text ?? (input.file === undefined ? '' : readConfigFile(input.file));
  return FileReading.of({ ...input, text });
}

/**
 * Whether the environment has the last word about what changes say: where it does, for the first setting in `value` that
 * has another value because of it.
 */
function overruling(
  { before, after, findings }: { before: Settings; after: Settings; findings: Findings },
  path: readonly string[],
  value: unknown,
): ConfigSource | undefined {
  const leaves = isSettings(value) ? leavesOf(value, path) : [[path] as const];
  for (const [leaf] of leaves) {
    if (!isDeepStrictEqual(valueAt(before, leaf), valueAt(after, leaf))) return findings.sourceOf(leaf);
  }
  return undefined;
}

/** Down the file first, then down the changes, then the environment by name. */
function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  const { source: one } = a;
  const { source: other } = b;
  if (one && other && one.kind === other.kind && 'line' in one && 'line' in other) {
    return one.line - other.line || one.column - other.column;
  }
  return placeRank(a) - placeRank(b) || formatSource(a.source).localeCompare(formatSource(b.source));
}

const RANKS: readonly ConfigSource['kind'][] = ['file', 'runtime', 'environment'];

function placeRank({ source }: ConfigProblem): number {
  return source === undefined ? RANKS.length : RANKS.indexOf(source.kind);
}
