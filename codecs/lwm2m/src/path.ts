import type { Lwm2mPath } from './model/types.js';

/** The highest id; 65,535 is reserved (LwM2M 1.1.1 Core §7.1). */
export const MAX_ID = 65_534;

/** Object, object instance, resource, resource instance. */
const MAX_DEPTH = 4;
/** A slash and five digits for each id, and one slash behind them. */
const MAX_LENGTH = MAX_DEPTH * 6 + 1;
const ROOT: Lwm2mPath = [];

/**
 * Reads `/3/0/1`; the slash at the beginning may be left out, and one at the end is allowed. `/` and the empty text
 * are the root.
 * @returns undefined when the text is no path: more than four ids, or one that is no number of 0..65534
 */
export function parsePath(text: string): Lwm2mPath | undefined {
  if (text === '' || text === '/') return ROOT;
  if (text.length > MAX_LENGTH) return undefined;
  const start = text.startsWith('/') ? 1 : 0;
  const end = text.endsWith('/') ? text.length - 1 : text.length;
  const path: number[] = [];
  let id = -1;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (id === 0) return undefined;
      id = id < 0 ? digit : id * 10 + digit;
      continue;
    }
    if (digit !== -1 || id < 0 || id > MAX_ID) return undefined;
    path.push(id);
    id = -1;
  }
  if (id < 0 || id > MAX_ID || path.length === MAX_DEPTH) return undefined;
  path.push(id);
  return path;
}

/** `/3/0/1`; `/` for the root. */
export function formatPath(path: Lwm2mPath): string {
  return `/${path.join('/')}`;
}

/** Whether a path is the same as another or below it. */
export function isWithin(path: Lwm2mPath, base: Lwm2mPath): boolean {
  if (path.length < base.length) return false;
  for (let at = 0; at < base.length; at++) if (path[at] !== base[at]) return false;
  return true;
}
