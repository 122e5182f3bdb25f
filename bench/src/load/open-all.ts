/** Connections that are opened at the same time. */
const OPENING = 50;

/** Does something for each item, for a few at a time. */
export async function openAll<Item, Opened>(
  items: readonly Item[],
  open: (item: Item, index: number) => Promise<Opened>,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  while (opened.length < items.length) {
    const first = opened.length;
    const next = items.slice(first, first + OPENING);
    opened.push(...(await Promise.all(next.map((item, index) => open(item, first + index)))));
  }
  return opened;
}
