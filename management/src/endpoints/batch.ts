import { z } from 'zod';
import type { ApiContext } from '../endpoint.js';
import { jsonSchemaOf } from '../openapi/document.js';
import { ApiError } from '../result-codes.js';
import { Slice } from '../turns.js';

/** Items of a batch at most. */
const MOST_ITEMS = 10_000;

/** What it costs in a {@link Slice} to check an item. */
const CHECK_COST = 20;

/** The body of a batch of such items, which are checked one by one. */
export function batchOf(item: z.ZodType) {
  return z
    .array(z.unknown())
    .max(MOST_ITEMS)
    .meta({ items: jsonSchemaOf(item) });
}

/** What an item was about, that has been done. */
export interface ItemDone {
  readonly topic: string | undefined;
  /** See `DataAnswer.warnings`. */
  readonly warnings?: readonly string[];
}

/** What became of one item among many. */
interface ItemResult extends ItemDone {
  readonly code: number;
  readonly message?: string;
}

/**
 * Does something with each item of a batch, in order, also when others failed.
 * @param each an ApiError of it is what became of that item
 */
export async function batch(
  { turns }: ApiContext,
  items: readonly unknown[],
  each: (item: unknown, slice: Slice) => Promise<ItemDone>,
): Promise<{ readonly data: readonly ItemResult[] }> {
  const slice = new Slice(turns);
  const data: ItemResult[] = [];
  for (const item of items) {
    await slice.over();
    slice.charge(CHECK_COST);
    data.push(await resultOf(item, () => each(item, slice)));
  }
  return { data };
}

async function resultOf(item: unknown, run: () => Promise<ItemDone>): Promise<ItemResult> {
  try {
    const { topic, warnings = [] } = await run();
    return { topic, code: 0, ...(warnings.length > 0 && { warnings }) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const topic = z.object({ topic: z.string() }).safeParse(item).data?.topic;
    return { topic, code: error.code, message: error.message };
  }
}
