import { readdirSync, readFileSync } from 'node:fs';
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
const TRANSPORTS = fileURLToPath(new URL('../../../transports/', import.meta.url));
/** A package has one fuzz target, with all of its vectors, or one for each part, with the vectors of its name. */
const TARGET = /^fuzz(?:-(\w+))?\.js$/;

/** All there are. */
export function fuzzTargets(): FuzzTarget[] {
  return [...codecTargets(), ...transportTargets(), storeTarget()];
}

/** Recovery of the embedded store, from the file of a sound one. */
export function storeTarget(): FuzzTarget {
  const module = new URL('./store-target.js', import.meta.url).href;
  return { name: 'store', module, corpus: [readFileSync(STORE_FILE)] };
}

/** Every codec that has fuzz targets: `cbor`, `lwm2m-objects`. */
export function codecTargets(): FuzzTarget[] {
  return targetsIn(CODECS);
}

/** Every part of a transport that has a fuzz target: `dtls-records`. */
export function transportTargets(): FuzzTarget[] {
  return targetsIn(TRANSPORTS);
}

function targetsIn(folder: string): FuzzTarget[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readdirSync(`${folder}${name}/dist`).map((file) => ({ name, file })))
    .flatMap(({ name, file }) => {
      const [program, part] = TARGET.exec(file) ?? [];
      if (program === undefined) return [];
      const module = pathToFileURL(`${folder}${name}/dist/${program}`).href;
      const vectors = `${folder}${name}/vectors`;
      return part === undefined
        ? [{ name, module, corpus: readVectors(vectors) }]
        : [{ name: `${name}-${part}`, module, corpus: bytesIn(`${vectors}/${part}.json`) }];
    });
}

/** The bytes of all vectors in a folder. */
function readVectors(folder: string): Buffer[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => bytesIn(`${folder}/${file}`));
}

/** Whatever stands under the keys `hex` and `text` in a JSON file. */
function bytesIn(path: string): Buffer[] {
  const vectors: Buffer[] = [];
  JSON.parse(readFileSync(path, 'utf8'), (key, value) => {
    if (key === 'hex' && typeof value === 'string') vectors.push(Buffer.from(value, 'hex'));
    if (key === 'text' && typeof value === 'string') vectors.push(Buffer.from(value));
    return value;
  });
  return vectors;
}
