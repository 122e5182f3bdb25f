import { readFileSync } from 'node:fs';

/** A file of `vectors/`, as it is. */
export function readVectors<T>(name: string): T {
  const url = new URL(`../../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}
