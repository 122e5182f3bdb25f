import { randomBytes } from 'node:crypto';
import type { PackageProgress } from './package-progress.js';

/** Bytes of the name that tells one device that fetches a package from the others. */
const NAME_SIZE = 6;

/** The devices that were told to fetch a package: each has a name in its URI, as it may fetch from any address. */
export class PackageFetchers {
  readonly #byName = new Map<string, PackageProgress>();
  /** By endpoint name. */
  readonly #names = new Map<string, string>();

  /** @returns the name of a device that is to fetch the package; the one that it had before is nobody's from now on */
  add(progress: PackageProgress): string {
    const { endpoint } = progress.device;
    const name = randomBytes(NAME_SIZE).toString('hex');
    this.#byName.delete(this.#names.get(endpoint) ?? '');
    this.#byName.set(name, progress);
    this.#names.set(endpoint, name);
    return name;
  }

  /** Undefined for nobody's name. */
  find(name: string): PackageProgress | undefined {
    return this.#byName.get(name);
  }
}
