import { Readable } from 'node:stream';
import { z } from 'zod';
import { Slice, type Turns } from './turns.js';

const count = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'a whole number from 1')
    .transform(Number)
    .pipe(z.number().min(1).max(most));

/** Which page of a list: the parameters `_page` and `_limit`, which may be left out. */
export const pagingShape = {
  _page: count(1e9).optional().describe('number of the page, from 1'),
  _limit: count(1e9)
    .optional()
    .describe('rows of a page; management.max_row_limit when it is not given, and at most'),
};

export interface Paging {
  readonly page: number;
  readonly limit: number;
}

/** @param most rows of a page at most */
export function pagingOf(
  query: { readonly _page?: number | undefined; readonly _limit?: number | undefined },
  most: number,
): Paging {
  return { page: query._page ?? 1, limit: Math.min(query._limit ?? most, most) };
}

/** A list of which a page is shown. */
export interface RowSource<Item> {
  /** May yield undefined now and then: something was looked at that is no item. */
  readonly items: Iterable<Item | undefined>;
  /** Whether an item belongs to the list; all do without it. */
  readonly matches?: ((item: Item) => boolean) | undefined;
  readonly row: (item: Item) => unknown;
  /** How many rows all pages have together; undefined where there are conditions, so that nobody has counted. */
  readonly total: number | undefined;
}

/** What it costs in a {@link Slice} to look at an item, and to make a row of one. */
const LOOK_COST = 1;
const ROW_COST = 20;

/** The JSON text of the answer with a page, made slice by slice as it is read. It is no snapshot. */
export function pageStream<Item>(source: RowSource<Item>, paging: Paging, turns: Turns): Readable {
  return Readable.from(pageText(source, paging, turns));
}

async function* pageText<Item>(
  { items, matches, row, total }: RowSource<Item>,
  { page, limit }: Paging,
  turns: Turns,
): AsyncGenerator<string> {
  const slice = new Slice(turns);
  let [toSkip, rows, hasnext] = [(page - 1) * limit, 0, false];
  let text = '{"data":[';
  for (const item of items) {
    const turn = slice.over();
    if (turn !== undefined) {
      if (text !== '') yield text;
      text = '';
      await turn;
    }
    slice.charge(LOOK_COST);
    if (item === undefined || matches?.(item) === false) continue;
    if (toSkip > 0) {
      toSkip--;
      continue;
    }
    hasnext = rows === limit;
    if (hasnext) break;
    slice.charge(ROW_COST);
    text += (rows > 0 ? ',' : '') + JSON.stringify(row(item));
    rows++;
  }
  yield `${text}],"meta":${JSON.stringify({ page, limit, hasnext, count: total ?? -1 })},"code":0}`;
}
