import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Something that takes any bytes and throws when it finds a bug. */
export interface FuzzTarget {
  readonly name: string;
  /** URL of the module that exports `fuzz(bytes: Buffer): unknown`; a promise is awaited. */
  readonly module: string;
  /** Sound frames to start from. */
  readonly corpus: readonly Buffer[];
}

/** The first file of a store. */
export const STORE_FILE = new URL('../../../core/fixtures/store-format-1/00000001.log', import.meta.url);

const CODECS = fileURLToPath(new URL('../../../codecs/', import.meta.url));

/** All there are. */
export function fuzzTargets(): FuzzTarget[] {
  return [...codecTargets(), storeTarget()];
}

/** Recovery of the embedded store, from the file of a sound one. */
export function storeTarget(): FuzzTarget {
  const module = new URL('./store-target.js', import.meta.url).href;
  return { name: 'store', module, corpus: [readFileSync(STORE_FILE)] };
}

/** Every codec that has a fuzz target, with its vectors. */
export function codecTargets(): FuzzTarget[] {
  return readdirSync(CODECS)
    .sort()
    .map((name) => ({ name, program: `${CODECS}${name}/dist/fuzz.js` }))
    .filter(({ program }) => existsSync(program))
    .map(({ name, program }) => ({
      name,
      module: pathToFileURL(program).href,
      corpus: readVectors(`${CODECS}${name}/vectors`),
    }));
}

/** The bytes of all vectors in a folder: whatever stands under the key `hex` in its JSON files. */
function readVectors(folder: string): Buffer[] {
  const vectors: Buffer[] = [];
  for (const file of readdirSync(folder).sort()) {
    JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'), (key, value) => {
      if (key === 'hex' && typeof value === 'string') vectors.push(Buffer.from(value, 'hex'));
      return value;
    });
  }
  return vectors;
}
