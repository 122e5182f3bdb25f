/** The objects and object instances that a device has, as it listed them when it registered (LwM2M 1.2 Core §6.2.1). */
export interface ObjectList {
  /** `/3/0`, `/5`, in the order of the device, without its alternate path. */
  readonly paths: readonly string[];
  /** Versions of objects by object id, where the device named one: `1.1`. */
  readonly versions: ReadonlyMap<number, string>;
  /** Where the objects are on the device: `/`, or a path such as `/lwm2m`. */
  readonly alternatePath: string;
  /** Content formats that the device named (`ct`), by number; empty where it named none. */
  readonly contentFormats: readonly number[];
}

/** Of a device that listed nothing. */
export const NO_OBJECTS: ObjectList = {
  paths: [],
  versions: new Map(),
  alternatePath: '/',
  contentFormats: [],
};

/** Whether two lists say the same. */
export function sameObjects(a: ObjectList, b: ObjectList): boolean {
  return (
    a.alternatePath === b.alternatePath &&
    a.paths.length === b.paths.length &&
    a.paths.every((path, at) => path === b.paths[at])
  );
}
