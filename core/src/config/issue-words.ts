import type { z } from 'zod';
import { quantity } from '../runtime/quantity.js';

/** What JSON calls the types that schemas ask for. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/**
 * What is wrong with a value that a schema has no words of its own for, as `error` of Zod's `safeParse`: what would be right, for
 * whoever sent it. Zod's own words are not for them.
 */
export function issueWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `at least ${bound(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `at most ${bound(issue.maximum, issue.origin)}`;
    case 'unrecognized_keys':
      return `there is no such field: ${issue.keys.join(', ')}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return unionWords(issue.errors);
    default:
      return 'is not valid';
  }
}

/** What each branch of a union wants, where they differ in the value itself alone. */
function unionWords(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const issues = branches.flat();
  const isOfValue = issues.length > 0 && issues.every(({ path }) => path.length === 0);
  return isOfValue ? [...new Set(issues.map(({ message }) => message))].join(', or ') : 'is not valid';
}

/** What is counted, where it is no number that is wrong. */
const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'element' };

function bound(limit: number | bigint, origin: string): string {
  const unit = UNITS[origin];
  return unit === undefined ? String(limit) : quantity(Number(limit), unit);
}
