/** Keys and list positions from the top of the configuration downwards. */
export type KeyPath = readonly (string | number)[];

/** As people write it: `gateways.mqtt.listeners.tcp.default.bind`, `access.users[0].password`. */
export function formatPath(path: KeyPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += (text === '' ? '' : '.') + (/^[\w-]+$/.test(step) ? step : JSON.stringify(step));
  }
  return text;
}

/** A key, bare or in quotes, behind a dot unless it is the first; or the position in a list. */
const STEP = /(?:^|(?<!^)\.)(?:("(?:[^"\\]|\\.)*")|([^."[\]]+))|\[(\d{1,15})\]/gy;

/**
 * The path that {@link formatPath} writes so. Keys need quotes only where they are empty or have dots, brackets or quotes.
 * @returns undefined for a text that is no path
 */
export function parsePath(text: string): KeyPath | undefined {
  const path: (string | number)[] = [];
  let end = 0;
  for (const [step, quoted, bare, position] of text.matchAll(STEP)) {
    end += step.length;
    const key = quoted === undefined ? (bare ?? Number(position)) : unquoted(quoted);
    if (key === undefined) return undefined;
    path.push(key);
  }
  return end === text.length ? path : undefined;
}

function unquoted(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: KeyPath, ancestor: KeyPath): boolean {
  return ancestor.length <= path.length && ancestor.every((step, depth) => step === path[depth]);
}
