import { formatPath, isWithin, type Lwm2mPath, parsePath } from '@portico/codec-lwm2m';

/** The configuration key `auto_observe`: nothing, all that a device lists, or these paths. */
export type AutoObserve = boolean | readonly string[];

/**
 * What to observe of a device by itself: the object instances that it lists, and objects of which it lists none; or
 * those of a list of paths whose objects it has.
 * @param listed objects and object instances of the device
 */
export function pathsToObserve(setting: AutoObserve, listed: readonly string[]): string[] {
  if (setting === false) return [];
  const paths = listed.map(pathOf);
  if (setting === true) return listed.filter((_text, at) => !hasInstance(paths[at] ?? [], paths));
  return setting
    .map(pathOf)
    .filter((path) => isThere(path, paths))
    .map(formatPath);
}

function pathOf(text: string): Lwm2mPath {
  return parsePath(text) ?? [];
}

function hasInstance(path: Lwm2mPath, others: readonly Lwm2mPath[]): boolean {
  return others.some((other) => other.length > path.length && isWithin(other, path));
}

/** Whether the device lists the path, something below it, or the instance that it is in. */
function isThere(path: Lwm2mPath, listed: readonly Lwm2mPath[]): boolean {
  return listed.some((other) => isWithin(other, path) || isWithin(path, other));
}
