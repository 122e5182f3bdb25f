import { readFileSync } from 'node:fs';
import { type CompactDefinition, readCompactKey } from '@portico/codec-lwm2m';

const FILE = new URL('../../objects/objects.jsonl', import.meta.url);

/** The definitions that come with Portico, unread but for id and version: `objects/README.md` tells of them. */
export function shippedDefinitions(): readonly CompactDefinition[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .map(readCompactKey)
    .filter((key) => key !== undefined);
}
