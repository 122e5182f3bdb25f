import type { Findings } from './findings.js';
import { formatPath } from './key-path.js';
import { nearest } from './nearest.js';
import type { ConfigSource } from './problem.js';
import { Reader } from './reader.js';
import {
  ANYTHING,
  acceptedTypes,
  childOf,
  fixedKeys,
  isSection,
  type SchemaNode,
  takesAnyKey,
} from './schema-tree.js';
import { parseYaml } from './yaml-source.js';

const PREFIX = 'PORTICO_';
const LEVEL_SEPARATOR = '__';

/**
 * Variables that Docker links and Kubernetes put into the environment for a service that happens to be called
 * `portico` or `portico-something`; nobody means them as configuration.
 */
const SERVICE_LINK =
  /^PORTICO_(?:\w+_)?(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** A key of the configuration as a variable names it. */
interface Target {
  readonly path: readonly string[];
  readonly node: SchemaNode;
}

/** What the environment says, by variable. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Sections, lists and values as read so far. */
export type Settings = Record<string, unknown>;

/** `LOG__LEVEL` for `log.level`: what comes behind the prefix. */
function withoutPrefix(path: readonly string[]): string {
  return path.join(LEVEL_SEPARATOR).toUpperCase();
}

/** The levels of a variable, in lower case. */
function stepsOf(variable: string): readonly string[] {
  return variable.slice(PREFIX.length).toLowerCase().split(LEVEL_SEPARATOR);
}

/**
 * Writes what the variables `PORTICO_…` say over `settings`. Sections come before the keys in them, so that
 * `PORTICO_LOG` and `PORTICO_LOG__LEVEL` may both be given.
 */
export function applyEnvironment(
  settings: Settings,
  schema: SchemaNode,
  env: Environment,
  findings: Findings,
): void {
  const found: (Target & { readonly variable: string; readonly text: string })[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(PREFIX)) continue;
    const target = resolve(variable, schema, settings, findings);
    if (target !== undefined) found.push({ ...target, variable, text });
  }
  found.sort((a, b) => a.path.length - b.path.length || a.variable.localeCompare(b.variable));
  for (const { path, node, variable, text } of found) {
    const value = readVariable(variable, text, { path, node }, schema, findings);
    if (value !== undefined) writeSetting(settings, schema, path, value);
  }
}

/** The key that a variable names; undefined when there is none, which is reported, or when it is reserved. */
function resolve(
  variable: string,
  schema: SchemaNode,
  settings: Settings,
  findings: Findings,
): Target | undefined {
  const path: string[] = [];
  let node = schema;
  let written: unknown = settings;
  for (const step of stepsOf(variable)) {
    if (findings.useReserved([...path, step])) return undefined;
    const key = matchKey(step, node, written);
    const child = key === undefined ? undefined : childOf(node, key);
    if (key === undefined || child === undefined) {
      reportUnknown(variable, { path, node }, schema, settings, findings);
      return undefined;
    }
    path.push(key);
    node = child;
    written = isSettings(written) ? written[key] : undefined;
  }
  return { path, node };
}

/** Keys are matched whatever their case; one that nobody has written yet is taken in lower case. */
function matchKey(step: string, node: SchemaNode, written: unknown): string | undefined {
  const isMeant = (key: string) => key.toLowerCase() === step;
  const fixed = fixedKeys(node).find(isMeant);
  if (fixed !== undefined || step === '' || !takesAnyKey(node)) return fixed;
  return (isSettings(written) ? Object.keys(written).find(isMeant) : undefined) ?? step;
}

function reportUnknown(
  variable: string,
  { path, node }: Target,
  schema: SchemaNode,
  settings: Settings,
  findings: Findings,
): void {
  if (SERVICE_LINK.test(variable)) return;
  const source: ConfigSource = { kind: 'environment', variable };
  if (acceptedTypes(node).has('array')) {
    const whole = PREFIX + withoutPrefix(path);
    findings.report(source, [], `${formatPath(path)} is a list, which is set as a whole: ${whole}='[…, …]'`);
    return;
  }
  const meant =
    corrected(variable, schema, settings, findings) ??
    nearest(variable.slice(PREFIX.length), knownVariables(schema, [], settings));
  findings.report(
    source,
    [],
    `names no key${meant === undefined ? '' : `; did you mean ${PREFIX}${meant}?`}`,
  );
}

/** The variable with each of its levels put right, without the prefix; undefined when one of them is like no key. */
function corrected(
  variable: string,
  schema: SchemaNode,
  settings: Settings,
  findings: Findings,
): string | undefined {
  const path: string[] = [];
  let node: SchemaNode = schema;
  let written: unknown = settings;
  const steps = stepsOf(variable);
  for (const step of steps) {
    const candidates = [...fixedKeys(node), ...findings.reservedBelow(path)];
    const key = matchKey(step, node, written) ?? nearest(step, candidates);
    if (key === undefined) return undefined;
    path.push(key);
    const child = childOf(node, key);
    // Of what stands below a reserved key nothing is known.
    if (child === undefined) return withoutPrefix([...path, ...steps.slice(path.length)]);
    node = child;
    written = isSettings(written) ? written[key] : undefined;
  }
  return withoutPrefix(path);
}

/** Every variable that could be set, without the prefix, with the names that the operator has given so far. */
function* knownVariables(node: SchemaNode, path: readonly string[], written: unknown): Generator<string> {
  if (path.length > 0) yield withoutPrefix(path);
  if (!isSection(node)) return;
  const chosen = isSettings(written) ? Object.keys(written) : [];
  const keys = takesAnyKey(node) && chosen.length === 0 ? ['default'] : chosen;
  for (const key of new Set([...fixedKeys(node), ...keys])) {
    const child = childOf(node, key);
    if (child !== undefined) {
      yield* knownVariables(child, [...path, key], isSettings(written) ? written[key] : undefined);
    }
  }
}

/** Where text is wanted, the variable's text is the value as it is; otherwise it is read as YAML. */
function readVariable(
  variable: string,
  text: string,
  { path, node }: Target,
  tree: SchemaNode,
  findings: Findings,
): unknown {
  const source: ConfigSource = { kind: 'environment', variable };
  const types = acceptedTypes(node);
  findings.forget(path);
  if (types.has('string') && types.size === 1) {
    findings.written(path, source);
    return text;
  }
  const yaml = parseYaml(text, () => source);
  const [bad] = yaml.problems;
  if (bad === undefined) return new Reader(yaml, tree, findings).read(path);
  findings.written(path, source);
  if (types.has('string')) return text;
  findings.report(source, path, bad.reason);
  findings.excuse(path);
  return undefined;
}

/**
 * Sets the one value at `path`: a section that nobody wrote begins as its default, so that all else in it
 * stays. A value above `path` that is no section stays as it is: it will be reported as wrong.
 */
export function writeSetting(
  settings: Settings,
  schema: SchemaNode,
  path: readonly string[],
  value: unknown,
): void {
  let section = settings;
  let node = schema;
  for (const key of path.slice(0, -1)) {
    node = childOf(node, key) ?? ANYTHING;
    if (!Object.hasOwn(section, key))
      section[key] = isSettings(node.default) ? structuredClone(node.default) : {};
    const next = section[key];
    if (!isSettings(next)) return;
    section = next;
  }
  const last = path.at(-1);
  if (last !== undefined) section[last] = value;
}

/** Whether `value` is a section. */
export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
