import type { Endpoint } from '../endpoint.js';
import { type FailureName, RESULTS } from '../result-codes.js';

/** What anything can fail by that is asked of the API, whatever it is; bugs of ours come on top. */
const ALWAYS: readonly FailureName[] = [
  'no_credentials',
  'wrong_credentials',
  'too_many_requests',
  'unavailable',
];

/** All that a request to an endpoint can fail by: what it says itself, and what comes of the parts that it takes. */
export function failuresOf({ path, schemas, failures }: Endpoint): readonly FailureName[] {
  const found = new Set<FailureName>([...ALWAYS, ...failures]);
  if (path.includes(':node')) found.add('not_found');
  if (schemas.query !== undefined) found.add('parameter_invalid');
  if (schemas.body !== undefined) {
    for (const failure of ['parameter_invalid', 'not_json', 'body_too_large'] as const) found.add(failure);
    if (!schemas.body.safeParse(undefined).success) found.add('parameter_missing');
  }
  return [...found];
}

/** The result codes that go with each HTTP status of some failures. */
export function codesByStatus(failures: readonly FailureName[]): ReadonlyMap<number, readonly number[]> {
  const codes = new Map<number, number[]>();
  for (const { code, status } of failures.map((failure) => RESULTS[failure])) {
    const known = codes.get(status) ?? [];
    if (!known.includes(code)) codes.set(status, [...known, code].sort());
  }
  return codes;
}
