import { Readable } from 'node:stream';
import { z } from 'zod';
import { type Cursors, FIRST } from './cursors.js';
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
  _cursor: z
    .string()
    .max(64)
    .optional()
    .describe('start, then meta.cursor of the last page: pages that lose nothing, in place of _page'),
};

export interface Paging {
  readonly page: number;
  readonly limit: number;
  /** Which list goes on, see {@link Cursors}; undefined when pages are counted. */
  readonly cursor?: string | undefined;
}

/** @param most rows of a page at most */
export function pagingOf(
  query: {
    readonly _page?: number | undefined;
    readonly _limit?: number | undefined;
    readonly _cursor?: string | undefined;
  },
  most: number,
): Paging {
  return { page: query._page ?? 1, limit: Math.min(query._limit ?? most, most), cursor: query._cursor };
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

/** What pages are made with. */
export interface PagingServices {
  readonly turns: Turns;
  readonly cursors: Cursors;
}

/** A list as far as it has been read. */
interface OpenList {
  readonly source: RowSource<unknown>;
  readonly iterator: Iterator<unknown>;
  /** What was found behind the last page. */
  found: unknown;
}

/**
 * The JSON text of the answer with a page, made slice by slice as it is read. It is no snapshot.
 * @throws ApiError when the list that a cursor stands for is not held any more
 */
export function pageStream<Item>(
  source: RowSource<Item>,
  paging: Paging,
  { turns, cursors }: PagingServices,
): Readable {
  const list = openList(source as RowSource<unknown>, paging, cursors);
  return Readable.from(pageText(list, paging, { turns, cursors }));
}

function openList(source: RowSource<unknown>, { cursor }: Paging, cursors: Cursors): OpenList {
  if (cursor !== undefined && cursor !== FIRST) return cursors.take(cursor) as OpenList;
  return { source, iterator: source.items[Symbol.iterator](), found: undefined };
}

async function* pageText(
  list: OpenList,
  { page, limit, cursor }: Paging,
  { turns, cursors }: PagingServices,
): AsyncGenerator<string> {
  const slice = new Slice(turns);
  let [toSkip, rows] = [cursor === undefined ? (page - 1) * limit : 0, 0];
  let text = '{"data":[';
  for (;;) {
    const turn = slice.over();
    if (turn !== undefined) {
      if (text !== '') yield text;
      text = '';
      await turn;
    }
    slice.charge(LOOK_COST);
    const next = list.found === undefined ? list.iterator.next() : { value: list.found };
    list.found = undefined;
    if (next.done === true) break;
    if (next.value === undefined || list.source.matches?.(next.value) === false) continue;
    if (toSkip > 0) {
      toSkip--;
      continue;
    }
    if (rows === limit) {
      list.found = next.value;
      break;
    }
    slice.charge(ROW_COST);
    text += (rows > 0 ? ',' : '') + JSON.stringify(list.source.row(next.value));
    rows++;
  }
  const hasnext = list.found !== undefined;
  const held = hasnext && cursor !== undefined ? { cursor: cursors.hold(list) } : {};
  const meta = { page, limit, hasnext, count: list.source.total ?? -1, ...held };
  yield `${text}],"meta":${JSON.stringify(meta)},"code":0}`;
}
