import { readFileSync } from 'node:fs';
import { inRoot } from './paths.js';

/** The version of this installation: `1.2.3`. */
export function version(): string {
  const description = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
    readonly version: string;
  };
  return description.version;
}
