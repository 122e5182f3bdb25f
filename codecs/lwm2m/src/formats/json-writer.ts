import { payloadError } from '../node.js';

/**
 * One object of JSON, with every integer exact.
 * @param base64 the alphabet of bytes, RFC 4648 §4 or §5
 * @throws FrameError for a number that is not finite
 */
export function writeJsonObject(
  fields: readonly (readonly [name: string, value: unknown])[],
  base64: 'base64' | 'base64url',
): string {
  return `{${fields.map(([name, value]) => `"${name}":${jsonOf(value, base64)}`).join(',')}}`;
}

function jsonOf(value: unknown, base64: 'base64' | 'base64url'): string {
  if (typeof value === 'bigint') return String(value);
  if (Buffer.isBuffer(value)) return `"${value.toString(base64)}"`;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw payloadError('unsuitable', 'JSON holds finite numbers only');
  }
  return JSON.stringify(value);
}
