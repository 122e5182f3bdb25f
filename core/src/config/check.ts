import type { z } from 'zod';
import { isSettings, type Settings } from './environment.js';
import { expectation } from './expectation.js';
import type { Findings } from './findings.js';
import type { KeyPath } from './key-path.js';
import { ANYTHING, childOf, holdsSecrets, itemOf, type SchemaNode } from './schema-tree.js';
import { isSecretKey, MASK } from './secrets.js';

type Issue = z.core.$ZodIssue;

export type CheckedSettings<Config> = { readonly ok: true; readonly config: Config } | { readonly ok: false };

/** Stands for every message that a schema does not give itself. */
const NO_MESSAGE = '';

/** Longer texts are cut when they are shown. */
const SHOWN_LENGTH = 60;

/** Fills in the defaults, checks every value and reports what is wrong with those not reported yet. */
export function checkSettings<Schema extends z.ZodType>(
  settings: Settings,
  schema: Schema,
  tree: SchemaNode,
  findings: Findings,
): CheckedSettings<z.output<Schema>> {
  const result = schema.safeParse(settings, { error: () => NO_MESSAGE });
  if (result.success) return { ok: true, config: result.data };
  for (const issue of result.error.issues.flatMap((found) => pointed(found, [], settings))) {
    if (issue.code === 'unrecognized_keys' || isKnown(issue.path, settings, findings)) continue;
    findings.report(findings.sourceOf(issue.path), issue.path, reasonOf(issue, settings, tree));
  }
  return { ok: false };
}

/** Whether the operator has been told already: of this value, or of the misspelt key that it was written at. */
function isKnown(path: KeyPath, settings: Settings, findings: Findings): boolean {
  return findings.isReported(path) || (findings.isMeant(path) && valueAt(settings, path) === undefined);
}

/** An issue with its whole path. */
type PointedIssue = Issue & { readonly path: (string | number)[] };

/** Of a union's branches, what is wrong with the one that fits best; other issues as they are. */
function pointed(issue: Issue, above: KeyPath, settings: Settings): PointedIssue[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (
    issue.code === 'invalid_union' &&
    issue.message === NO_MESSAGE &&
    isCollection(valueAt(settings, path))
  ) {
    const [best] = issue.errors.toSorted((a, b) => a.length - b.length);
    if (best !== undefined) return best.flatMap((found) => pointed(found, path, settings));
  }
  return [{ ...issue, path }];
}

function reasonOf(issue: PointedIssue, settings: Settings, tree: SchemaNode): string {
  const node = nodeAt(tree, issue.path);
  if (issue.code === 'invalid_key')
    return `this name is not allowed; expected ${issue.issues[0]?.message || 'another'}`;
  const allowed = issue.message === NO_MESSAGE ? expectation(node) : issue.message;
  const value = valueAt(settings, issue.path);
  if (value === undefined) return `is missing; expected ${allowed}`;
  if (issue.code !== 'custom') return `${show(value, issue.path, node)} is not allowed; expected ${allowed}`;
  return isCollection(value) ? allowed : `${show(value, issue.path, node)} is not allowed: ${allowed}`;
}

/** A value as it may be shown: no secret, no long text, no collection. */
function show(value: unknown, path: KeyPath, node: SchemaNode): string {
  if (Array.isArray(value)) return 'a list';
  if (isSettings(value)) return 'a section';
  const isSecret = path.some((step) => typeof step === 'string' && isSecretKey(step)) || holdsSecrets(node);
  if (isSecret) return MASK;
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function isCollection(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function valueAt(settings: unknown, path: KeyPath): unknown {
  let value = settings;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isSettings(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

function nodeAt(tree: SchemaNode, path: KeyPath): SchemaNode {
  let node = tree;
  for (const step of path) node = (typeof step === 'number' ? itemOf(node) : childOf(node, step)) ?? ANYTHING;
  return node;
}
