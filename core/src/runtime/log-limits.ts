import type { LogFields } from './logger.js';

/** Stands for what is left out. */
const LEFT_OUT = '...';

/** A text of at most so many characters; one that is cut ends in `...`. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, Math.max(0, limit - LEFT_OUT.length));
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}${LEFT_OUT}`;
}

/**
 * A message and its fields with at most about so many characters together: what comes first stays whole, the value with which
 * there are too many becomes text that is cut, and those behind it `...`.
 */
export function shortenedFields(
  message: string,
  fields: LogFields,
  limit: number,
): readonly [message: string, fields: LogFields] {
  if (limit === Number.POSITIVE_INFINITY) return [message, fields];
  const kept: Record<string, unknown> = {};
  let left = Math.max(0, limit - message.length);
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined) continue;
    const text = left > 0 ? textOf(value) : LEFT_OUT;
    kept[key] = text.length <= left ? value : shortened(text, left);
    left = Math.max(0, left - text.length);
  }
  return [shortened(message, limit), kept];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.stack ?? String(value);
  return JSON.stringify(value) ?? '';
}

/** Fields in which nothing lies deeper than so, `...` in its place, and in that of what contains itself; the same object where all may stay. */
export function flattened(fields: LogFields, depth: number): LogFields {
  return pruned(fields, depth, []) as LogFields;
}

function pruned(value: unknown, depth: number, above: readonly object[]): unknown {
  if (!isCollection(value)) return value;
  if (depth < 0 || above.includes(value)) return LEFT_OUT;
  let changed: Record<string, unknown> | undefined;
  let path: readonly object[] | undefined;
  for (const key in value) {
    const item = value[key];
    if (typeof item !== 'object' || item === null) continue;
    path ??= [...above, value];
    const shown = pruned(item, depth - 1, path);
    if (shown === item) continue;
    changed ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    changed[key] = shown;
  }
  return changed ?? value;
}

function isCollection(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
