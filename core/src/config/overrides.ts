import { isMap, isScalar, type Node, type Pair, stringify } from 'yaml';
import { isSettings, type Settings, writeSetting } from './environment.js';
import { Findings } from './findings.js';
import type { ConfigSource } from './problem.js';
import { Reader } from './reader.js';
import type { SchemaNode } from './schema-tree.js';
import { parseYaml } from './yaml-source.js';

/** Form of the text; one that is changed so that older hubs would misread it gets the next number. */
const VERSION = 1;

const HEADER = `# What was changed while Portico ran. It takes the place of what the configuration file says, and gives way to the
# environment. Portico writes this file anew with each change; edit it only while Portico does not run.
`;

/** What was changed while the hub ran, as it is kept. */
export interface Overrides {
  /** As the file is to be shown. */
  readonly file: string;
  /** As {@link overridesText} makes it. */
  readonly text: string;
}

/** The text that keeps settings. @param settings sections and keys as in the configuration file, those changed alone */
export function overridesText(settings: Settings): string {
  return `${HEADER}${stringify({ version: VERSION, settings })}`;
}

/** Keys and values by their paths: `[['log', 'level'], 'debug']`. */
export type Leaf = readonly [path: readonly string[], value: unknown];

/** The single settings in sections; a section without any is one itself. */
export function* leavesOf(settings: Settings, path: readonly string[] = []): Generator<Leaf> {
  for (const [key, value] of Object.entries(settings)) {
    const below = [...path, key];
    if (isSettings(value) && Object.keys(value).length > 0) yield* leavesOf(value, below);
    else yield [below, value];
  }
}

/**
 * Reads what was changed while the hub ran.
 * @returns the settings with what came to light about them; no settings when the text is not as it must be
 */
export function readOverrides(
  { file, text }: Overrides,
  tree: SchemaNode,
  reserved: readonly string[],
): { readonly settings: Settings; readonly findings: Findings } {
  const findings = new Findings(reserved);
  const source = (line: number, column: number): ConfigSource => ({ kind: 'runtime', file, line, column });
  const yaml = parseYaml(text, source);
  findings.problems.push(...yaml.problems);
  if (yaml.problems.length > 0) return { settings: {}, findings };
  const parts = partsOf(yaml.document.contents);
  const version = parts.get('version');
  if (!isScalar(version) || version.value !== VERSION) {
    const reason = `no version that is understood; expected version: ${VERSION}`;
    findings.report(yaml.sourceAt(version?.range?.[0] ?? 0), [], reason);
    return { settings: {}, findings };
  }
  const settings = new Reader(yaml, tree, findings).read([], parts.get('settings') ?? null);
  return { settings: isSettings(settings) ? settings : {}, findings };
}

/** What stands at the top of the text, by key. */
function partsOf(contents: Node | null): ReadonlyMap<string, Node> {
  const pairs = isMap(contents) ? (contents.items as Pair<Node, Node | null>[]) : [];
  const parts = pairs.flatMap(({ key, value }): [string, Node][] =>
    isScalar(key) && value !== null ? [[String(key.value), value]] : [],
  );
  return new Map(parts);
}

/** Writes what was changed while the hub ran over `settings`: key by key, so that all beside them stays. */
export function applyOverrides(
  settings: Settings,
  overrides: Overrides,
  tree: SchemaNode,
  findings: Findings,
  reserved: readonly string[],
): void {
  const read = readOverrides(overrides, tree, reserved);
  findings.absorb(read.findings);
  for (const [path, value] of leavesOf(read.settings)) {
    findings.takeOver(path, read.findings);
    writeSetting(settings, tree, path, value);
  }
}
