import { MASK, SECRET_FIELDS } from '../config/secrets.js';
import type { LogFields } from './logger.js';

const SECRETS: ReadonlySet<string> = new Set(SECRET_FIELDS);

/** Levels of objects below the fields of a line in which secrets are looked for. */
const DEPTH = 1;

/** Fields of a log line with secrets masked; the same object where there are none. */
export function maskSecrets(fields: LogFields, depth = DEPTH): LogFields {
  let masked: Record<string, unknown> | undefined;
  for (const key in fields) {
    const value = fields[key];
    const shown = SECRETS.has(key)
      ? MASK
      : depth > 0 && isObject(value)
        ? maskSecrets(value, depth - 1)
        : value;
    if (shown === value) continue;
    masked ??= { ...fields };
    masked[key] = shown;
  }
  return masked ?? fields;
}

function isObject(value: unknown): value is LogFields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
