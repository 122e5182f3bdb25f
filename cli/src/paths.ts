import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where Portico is installed: the folder that holds `bin/` and `config/`. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A file of the installation. */
export function inRoot(...path: string[]): string {
  return join(ROOT, ...path);
}

/** The configuration that is used when no other is named; undefined when it is not there. */
export function defaultConfigFile(): string | undefined {
  const file = inRoot('config', 'portico.yaml');
  if (!existsSync(file)) return undefined;
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}
