import { type CompactDefinition, parseCompact } from './compact.js';
import type { Lwm2mPath, ObjectDefinition, ResourceDefinition, ResourceShape } from './types.js';
import { compareVersions, majorOf } from './version.js';

const INITIAL_VERSION = '1.0';

/** One version of an object: its definition, or the line that it will be read from when it is needed. */
interface Shelf {
  readonly version: string;
  content: ObjectDefinition | string;
}

/**
 * What is known of objects, all versions of an object side by side.
 *
 * A device names the version of an object (`ver`), or none. {@link find} takes, LwM2M 1.2 Core §7.2:
 *
 * - the version named; where it is not known, the next lower one with the same major number, or else the next
 *   higher one of it: minor versions only add optional resources. Never one of another major number, of which
 *   resources may mean something else.
 * - when none is named, 1.0; of an object that never had it, its lowest version. (For core objects a device of
 *   LwM2M 1.1 and later means other versions: ask {@link impliedVersion} first.)
 */
export class ObjectModel {
  /** Lowest version first. */
  readonly #shelves = new Map<number, Shelf[]>();

  /** Adds a definition; it takes the place of one with the same id and version. */
  add(definition: ObjectDefinition): void {
    this.#put(definition.id, { version: definition.version, content: definition });
  }

  /** As {@link add}, with a definition that is read when it is first asked for. */
  addCompact({ id, version, line }: CompactDefinition): void {
    this.#put(id, { version, content: line });
  }

  /** Number of definitions, each version counted. */
  get size(): number {
    let size = 0;
    for (const shelves of this.#shelves.values()) size += shelves.length;
    return size;
  }

  /** Ids of the objects known, in the order of adding. */
  objectIds(): Iterable<number> {
    return this.#shelves.keys();
  }

  /** Versions known of an object, lowest first. */
  versionsOf(objectId: number): readonly string[] {
    return (this.#shelves.get(objectId) ?? []).map(({ version }) => version);
  }

  /** The definition of an object that counts for a version, as told above; undefined for none. */
  find(objectId: number, version?: string): ObjectDefinition | undefined {
    const shelves = this.#shelves.get(objectId);
    if (shelves === undefined) return undefined;
    const shelf =
      exact(shelves, version ?? INITIAL_VERSION) ??
      (version === undefined ? shelves[0] : nearest(shelves, version));
    return shelf === undefined ? undefined : open(shelf);
  }

  /** The definition of the resource at a path, or above it. */
  resource(path: Lwm2mPath, version?: string): ResourceDefinition | undefined {
    const objectId = path[0];
    const resourceId = path[2];
    if (objectId === undefined || resourceId === undefined) return undefined;
    return this.find(objectId, version)?.resources.get(resourceId);
  }

  /** What a codec needs of {@link resource}. */
  typeOf(path: Lwm2mPath, version?: string): ResourceShape | undefined {
    return this.resource(path, version);
  }

  #put(objectId: number, shelf: Shelf): void {
    const others = (this.#shelves.get(objectId) ?? []).filter(({ version }) => version !== shelf.version);
    const sorted = [...others, shelf].sort((a, b) => compareVersions(a.version, b.version));
    this.#shelves.set(objectId, sorted);
  }
}

function open(shelf: Shelf): ObjectDefinition {
  if (typeof shelf.content === 'string') shelf.content = parseCompact(shelf.content);
  return shelf.content;
}

function exact(shelves: readonly Shelf[], version: string): Shelf | undefined {
  for (const shelf of shelves) if (shelf.version === version) return shelf;
  return undefined;
}

function nearest(shelves: readonly Shelf[], version: string): Shelf | undefined {
  const major = majorOf(version);
  let higher: Shelf | undefined;
  for (let index = shelves.length - 1; index >= 0; index -= 1) {
    const shelf = shelves[index];
    if (shelf === undefined || majorOf(shelf.version) !== major) continue;
    if (compareVersions(shelf.version, version) <= 0) return shelf;
    higher = shelf;
  }
  return higher;
}
