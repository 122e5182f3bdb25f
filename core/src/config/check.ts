import type { z } from 'zod';
import { isSettings, type Settings } from './environment.js';
import { expectation } from './expectation.js';
import type { Findings } from './findings.js';
import type { KeyPath } from './key-path.js';
import { acceptedTypes, holdsSecrets, itemOf, nodeAt, type SchemaNode } from './schema-tree.js';
import { isSecretKey, MASK } from './secrets.js';
import { withoutPassword } from './service-url.js';

type Issue = z.core.$ZodIssue;

export type CheckedSettings<Config> = { readonly ok: true; readonly config: Config } | { readonly ok: false };

/** Stands for every message that a schema does not give itself. */
const NO_MESSAGE = '';

/** Longer texts are cut when they are shown. */
const SHOWN_LENGTH = 60;

/** Text that stands for itself between brackets. */
const PLAIN_IN_LIST = /^[\w/.$%][\w/.$%+#:-]*$/;

/** What YAML takes for a number or a switch when it is not in quotes. */
const LIKE_OTHER_TYPES = /^(?:true|false|null|~|[-+]?[\d.]+)$/i;

/** Fills in the defaults, checks every value and reports what is wrong with those not reported yet. */
export function checkSettings<Schema extends z.ZodType>(
  settings: Settings,
  schema: Schema,
  tree: SchemaNode,
  findings: Findings,
): CheckedSettings<z.output<Schema>> {
  const result = schema.safeParse(settings, { error: () => NO_MESSAGE });
  if (result.success) return { ok: true, config: result.data };
  for (const issue of result.error.issues.flatMap((found) => pointed(found, []))) {
    if (isKnown(issue, settings, findings)) continue;
    findings.report(findings.sourceOf(issue.path), issue.path, reasonOf(issue, settings, tree));
  }
  return { ok: false };
}

/**
 * Whether the operator has been told already: why this value is missing, or what is wrong in the section of
 * which a rule is now found broken.
 */
function isKnown({ code, path }: PointedIssue, settings: Settings, findings: Findings): boolean {
  const value = valueAt(settings, path);
  if (value === undefined) return findings.isExcused(path);
  const isRule = code === 'custom' || code === 'invalid_union';
  return isRule && isCollection(value) && findings.isReportedWithin(path);
}

/** An issue with its whole path. */
type PointedIssue = Issue & { readonly path: (string | number)[] };

/** Of a union for a section, what is wrong by the branch that fits best; other issues as they are. */
function pointed(issue: Issue, above: KeyPath): PointedIssue[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  const [best] = issue.code === 'invalid_union' ? branchesThatFit(issue) : [];
  return best === undefined ? [{ ...issue, path }] : best.flatMap((found) => pointed(found, path));
}

/** The issues of those branches that are for this kind of value at all, the fewest first. */
function branchesThatFit({ errors }: z.core.$ZodIssueInvalidUnion): Issue[][] {
  const fits = ({ path, code }: Issue) =>
    path.length > 0 || code === 'custom' || code === 'unrecognized_keys';
  return errors.filter((issues) => issues.every(fits)).toSorted((a, b) => a.length - b.length);
}

function reasonOf(issue: PointedIssue, settings: Settings, tree: SchemaNode): string {
  const { code, path, message } = issue;
  // Keys that exist nowhere have been left out before; these exist in another form of the same section.
  if (code === 'unrecognized_keys') return `${issue.keys.join(', ')} cannot stand beside the other keys here`;
  if (code === 'invalid_key') return `this name is not allowed; expected ${issue.issues[0]?.message}`;
  const node = nodeAt(tree, path);
  const value = valueAt(settings, path);
  const isOfSecretKey = path.some((step) => typeof step === 'string' && isSecretKey(step));
  const isSecret = couldBeSecret(value) && (isOfSecretKey || holdsSecrets(node));
  if (code === 'custom') return clause(value, message, isSecret);
  const asList = isSecret ? undefined : inList(value, node);
  const expected = `expected ${asList ?? (message === NO_MESSAGE ? expectation(node) : message)}`;
  if (value === undefined) return `is missing; ${expected}`;
  const shown = isSecret && !isOfSecretKey ? kindOf(value) : show(value, isSecret, takesText(node));
  return `${shown} is not allowed; ${expected}`;
}

/** Switches, and values that are not there, tell nothing. */
function couldBeSecret(value: unknown): boolean {
  return value !== null && typeof value !== 'boolean';
}

function takesText(node: SchemaNode): boolean {
  return acceptedTypes(node).has('string');
}

/** How to write a text where a list of such is wanted; undefined where that is not what is wrong. */
function inList(value: unknown, node: SchemaNode): string | undefined {
  if (typeof value !== 'string' || value.length > SHOWN_LENGTH) return undefined;
  if (!acceptedTypes(node).has('array') || takesText(node) || !takesText(itemOf(node))) return undefined;
  return `a list: [${PLAIN_IN_LIST.test(value) ? value : JSON.stringify(value)}]`;
}

/** The words of a rule of the schema's own, with the value unless they name it themselves. */
function clause(value: unknown, words: string, isSecret: boolean): string {
  if (value === undefined || isCollection(value)) return words;
  const text = String(value);
  if (isSecret) return `${MASK} is not allowed: ${text === '' ? words : words.replaceAll(text, MASK)}`;
  return text !== '' && words.includes(text) ? words : `${show(value, false)} is not allowed: ${words}`;
}

/**
 * A value as it may be shown: no secret, no long text, no collection.
 * @param readAsText whether a number or switch has been taken for text, since text is wanted
 */
function show(value: unknown, isSecret: boolean, readAsText = true): string {
  if (Array.isArray(value)) return 'a list';
  if (isSettings(value)) return 'a section';
  if (isSecret) return MASK;
  const isBare = typeof value !== 'string' || (readAsText && LIKE_OTHER_TYPES.test(value));
  const text = isBare ? String(value) : JSON.stringify(withoutPassword(value));
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** What a value is that stands where a section with secrets is wanted, and may be one of them. */
function kindOf(value: unknown): string {
  if (isCollection(value)) return show(value, true);
  return typeof value === 'number' ? 'a number' : 'a text';
}

function isCollection(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** What stands at a path; undefined when nothing does. */
export function valueAt(settings: unknown, path: KeyPath): unknown {
  let value = settings;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isSettings(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}
