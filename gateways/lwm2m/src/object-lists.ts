import type { ObjectList } from './object-list.js';

/** Lists that are remembered: one for each kind of device, mostly. */
const MAX_LISTS = 1000;

/** Has devices that list the same objects share one list: there are many devices, and few kinds of them. */
export class ObjectLists {
  readonly #lists = new Map<string, ObjectList>();

  /** The list that says the same and is remembered longest; that list itself where there is none. */
  shared(list: ObjectList): ObjectList {
    const key = JSON.stringify([list.paths, [...list.versions], list.alternatePath, list.contentFormats]);
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    this.#lists.set(key, list);
    if (this.#lists.size > MAX_LISTS) this.#forgetOldest();
    return list;
  }

  #forgetOldest(): void {
    for (const key of this.#lists.keys()) {
      this.#lists.delete(key);
      return;
    }
  }
}
