import type { z } from 'zod';

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

/** What is wrong with a value that a schema has no words of its own for. */
export function issueWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'unrecognized_keys':
      return `there is no such field: ${issue.keys.join(', ')}`;
    default:
      return 'is not valid';
  }
}

/** What is counted, where it is no number that is wrong. */
const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'element' };

function unitOf(origin: string, count: number | bigint): string {
  const unit = UNITS[origin];
  if (unit === undefined) return '';
  return count === 1 ? ` ${unit}` : ` ${unit}s`;
}
