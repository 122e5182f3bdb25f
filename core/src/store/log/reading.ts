import type { Location } from './location.js';

/** A key and where its value lies. */
type Placed = readonly [key: string, location: Location];

/** Told of a record that is no longer what was written. */
type OnDamage = (location: Location) => void;

/** Values that lie within so many bytes are read at once. */
const WINDOW = 1024 * 1024;

/**
 * The value at a location; undefined when it is damaged.
 * @throws Error when it cannot be read
 */
export async function readValue(location: Location, onDamage: OnDamage): Promise<Buffer | undefined> {
  const { holder, offset, length } = location;
  const value = holder.valueOf(await holder.read(offset, length));
  if (value === undefined) onDamage(location);
  return value;
}

/**
 * The values at many locations, in their order, without those that are damaged. The closer they lie, the fewer
 * reads it takes.
 * @throws Error when one cannot be read
 */
export async function* readValues(
  placed: Iterable<Placed>,
  onDamage: OnDamage,
): AsyncGenerator<readonly [key: string, value: Buffer]> {
  for (const window of windows(placed)) {
    const { holder, start, end } = window;
    const bytes = await holder.read(start, end - start);
    for (const { key, location, offset } of window.entries) {
      const value = holder.valueOf(bytes.subarray(offset - start, offset - start + location.length));
      if (value === undefined) onDamage(location);
      else yield [key, value];
    }
  }
}

interface Window {
  readonly holder: Location['holder'];
  readonly start: number;
  end: number;
  readonly entries: { readonly key: string; readonly location: Location; readonly offset: number }[];
}

/** Puts neighbours together that lie one behind the other. */
function* windows(placed: Iterable<Placed>): Generator<Window> {
  let window: Window | undefined;
  for (const [key, location] of placed) {
    if (window !== undefined && !fits(window, location)) {
      yield window;
      window = undefined;
    }
    const { holder, offset, length } = location;
    window ??= { holder, start: offset, end: offset, entries: [] };
    window.entries.push({ key, location, offset });
    window.end = offset + length;
  }
  if (window !== undefined) yield window;
}

function fits({ holder, start, end }: Window, location: Location): boolean {
  const { offset, length } = location;
  return location.holder === holder && offset >= end && offset + length - start <= WINDOW;
}
