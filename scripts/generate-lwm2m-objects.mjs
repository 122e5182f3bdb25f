// Prints the facts of object definition files as the lines that Portico ships: one for each version of an object.
//
//     node scripts/generate-lwm2m-objects.mjs FOLDER > gateways/lwm2m/objects/objects.jsonl
//
// FOLDER, with its subfolders, holds files as https://github.com/OpenMobileAlliance/lwm2m-registry has them. Files
// that are no object definitions are named on stderr and left out. Build before: npx tsc -b.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  compareVersions,
  formatCompact,
  ObjectXmlError,
  parseObjectXml,
} from '../codecs/lwm2m/dist/index.js';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Usage: node scripts/generate-lwm2m-objects.mjs FOLDER');
  process.exit(2);
}

const objects = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.xml'))
  .sort()
  .flatMap((name) => read(join(folder, name)));
const lines = new Set(objects.sort(byIdAndVersion).map(formatCompact));
for (const line of lines) console.log(line);
console.error(`${lines.size} definitions`);

function read(path) {
  try {
    return parseObjectXml(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof ObjectXmlError)) throw error;
    console.error(`${path}:${error.line}: ${error.reason}`);
    return [];
  }
}

function byIdAndVersion(a, b) {
  return a.id - b.id || compareVersions(a.version, b.version);
}
