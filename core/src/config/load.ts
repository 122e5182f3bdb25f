import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { PorticoError } from '../runtime/errors.js';
import { fileReason } from '../runtime/file-reason.js';
import { checkSettings } from './check.js';
import { applyEnvironment, type Environment, isSettings, type Settings } from './environment.js';
import { Findings } from './findings.js';
import type { KeyPath } from './key-path.js';
import { applyOverrides, type Overrides } from './overrides.js';
import { type ConfigProblem, type ConfigSource, formatSource } from './problem.js';
import { Reader } from './reader.js';
import { type SchemaNode, schemaTree } from './schema-tree.js';
import { type ConfigValue, valuesOf } from './values.js';
import { parseYaml } from './yaml-source.js';

export interface ConfigInput<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** Name of the YAML file, as it is to be shown; read unless `text` is given. Without both there are only defaults. */
  readonly file?: string | undefined;
  /** The YAML text, when it does not come from a file. */
  readonly text?: string;
  /** Variables named `PORTICO_…` override the file. */
  readonly env?: Environment;
  /**
   * What was changed while the hub ran, which takes the place of what the file says. Asked with what file and environment
   * say, since they say where that is kept.
   */
  readonly overrides?: (settings: Settings) => Overrides | undefined;
  /** Paths that later versions will have: setting them gives a warning and nothing else. */
  readonly reserved?: readonly string[];
}

export type ConfigResult<Config> =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly string[];
      /** Every key with a value, and where that comes from. */
      values(): readonly ConfigValue[];
      /** Where the value at a path, or something in or around it, was written; undefined for a default. */
      sourceOf(path: KeyPath): ConfigSource | undefined;
    }
  | {
      readonly ok: false;
      /** `PORTICO_ERR_CONFIG_SYNTAX` when the text is no YAML, so that no more can be said. */
      readonly code: ConfigErrorCode;
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
  const findings = new Findings(input.reserved ?? []);
  const tree = schemaTree(input.schema);
  const settings = readText(input, tree, findings);
  if (settings === undefined) {
    return { ok: false, code: 'PORTICO_ERR_CONFIG_SYNTAX', problems: findings.problems, warnings: [] };
  }
  const overrides = input.overrides?.(peek(settings, tree, input));
  if (overrides !== undefined) applyOverrides(settings, overrides, tree, findings, input.reserved ?? []);
  applyEnvironment(settings, tree, input.env ?? {}, findings);
  const checked = checkSettings(settings, input.schema, tree, findings);
  const warnings = findings.warnings();
  if (checked.ok && findings.problems.length === 0) {
    const values = () => [...valuesOf(settings, tree, findings)];
    return {
      ok: true,
      config: checked.config,
      warnings,
      values,
      sourceOf: (path) => findings.sourceOf(path),
    };
  }
  return { ok: false, code: 'PORTICO_ERR_CONFIG', problems: findings.problems.toSorted(byPlace), warnings };
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

/** What the YAML says; undefined when it is no YAML, so that nothing in it can be relied on. */
function readText(input: ConfigInput<z.ZodType>, tree: SchemaNode, findings: Findings): Settings | undefined {
  const { file = 'configuration' } = input;
  const text = input.text ?? (input.file === undefined ? '' : readFile(input.file));
  const yaml = parseYaml(text, (line, column) => ({ kind: 'file', file, line, column }));
  if (yaml.problems.length > 0) {
    findings.problems.push(...yaml.problems);
    return undefined;
  }
  const settings = new Reader(yaml, tree, findings).read([]);
  if (settings === undefined || isSettings(settings)) return settings ?? {};
  findings.report(yaml.sourceAt(0), [], 'keys and values are expected, such as "log:"');
  return {};
}

function readFile(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw new PorticoError('PORTICO_ERR_CONFIG_FILE', `${file}: ${fileReason(cause)}`, { cause });
  }
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
