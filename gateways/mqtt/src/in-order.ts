import { isPromise, type MaybePromise } from '@portico/core';

/**
 * Runs something for each item, one after the other.
 * @returns the results in order; a promise only if one of them was one
 */
export function inOrder<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => MaybePromise<Result>,
): MaybePromise<Result[]> {
  const results: Result[] = [];
  for (const [i, item] of items.entries()) {
    const result = run(item);
    if (isPromise(result)) return continueInOrder(results, result, items.slice(i + 1), run);
    results.push(result);
  }
  return results;
}

async function continueInOrder<Item, Result>(
  before: Result[],
  pending: Promise<Result>,
  rest: readonly Item[],
  run: (item: Item) => MaybePromise<Result>,
): Promise<Result[]> {
  const results = [...before, await pending];
  for (const item of rest) results.push(await run(item));
  return results;
}
