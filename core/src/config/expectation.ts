import { acceptedTypes, fixedKeys, itemOf, type SchemaNode } from './schema-tree.js';

/** A message lists this many keys at most, unless there is nothing better to say. */
export const SHORT_LIST = 12;

/**
 * What may be written at a place, for people: `one of trace, debug, info`, `a whole number from 0 to 65535`,
 * `a duration such as 15s or 1h30m`, `a section`.
 */
export function expectation(node: SchemaNode): string {
  if (node.title !== undefined) return `${withArticle(node.title)}${suchAs(node.examples)}`;
  const forms = node.anyOf ?? node.oneOf;
  if (forms !== undefined) return [...new Set(forms.map(expectation))].join(' or ');
  const choices = node.const === undefined ? node.enum : [node.const];
  if (choices !== undefined) return oneOf(choices.map(String));
  return [...acceptedTypes(node)].map((type) => TYPES[type]?.(node) ?? type).join(' or ') || 'anything';
}

/** `one of a, b, c`; just the one when there is no choice. */
function oneOf(choices: readonly string[]): string {
  return choices.length > 2 ? `one of ${choices.join(', ')}` : choices.join(' or ');
}

/** What to call the values of each JSON type. */
const TYPES: Readonly<Record<string, (node: SchemaNode) => string>> = {
  boolean: () => 'true or false',
  integer: (node) => `a whole number${range(node)}`,
  number: (node) => `a number${range(node)}`,
  string: (node) => `text${textBounds(node)}${suchAs(node.examples)}`,
  array: (node) =>
    `a list${node.minItems ? ` of at least ${node.minItems}` : ''}, each ${expectation(itemOf(node))}`,
  object: sectionWith,
  null: () => 'nothing',
};

function sectionWith(node: SchemaNode): string {
  const keys = fixedKeys(node);
  if (keys.length === 0) return 'a section';
  const list = keys.slice(0, SHORT_LIST).join(', ');
  return `a section with the ${keys.length === 1 ? 'key' : 'keys'} ${list}${keys.length > SHORT_LIST ? ' …' : ''}`;
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaNode): string {
  if (isTelling(minimum) && isTelling(maximum)) return ` from ${minimum} to ${maximum}`;
  const bounds: string[] = [];
  if (isTelling(minimum)) bounds.push(`at least ${minimum}`);
  if (isTelling(exclusiveMinimum)) bounds.push(`above ${exclusiveMinimum}`);
  if (isTelling(maximum)) bounds.push(`at most ${maximum}`);
  if (isTelling(exclusiveMaximum)) bounds.push(`below ${exclusiveMaximum}`);
  return bounds.length === 0 ? '' : `, ${bounds.join(' and ')}`;
}

/** The bounds of safe integers come with every integer and tell nothing. */
function isTelling(bound: number | undefined): bound is number {
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
}

function textBounds({ minLength = 0, maxLength }: SchemaNode): string {
  if (maxLength !== undefined) return ` of ${minLength} to ${maxLength} characters`;
  if (minLength === 1) return ' that is not empty';
  return minLength === 0 ? '' : ` of at least ${minLength} characters`;
}

function suchAs(examples: readonly unknown[] | undefined): string {
  return examples === undefined ? '' : ` such as ${examples.map(String).join(' or ')}`;
}

function withArticle(noun: string): string {
  return `${/^(?!URL\b)[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}
