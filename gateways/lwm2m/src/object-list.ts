import { isUtf8 } from 'node:buffer';
import { ContentFormat, ResponseCode } from '@portico/codec-coap';
import { type Link, parseLinks, parsePath } from '@portico/codec-lwm2m';
import { isFrameError } from '@portico/frame';
import type { Fault } from './parameters.js';

/** Most objects and object instances of one device. */
export const MAX_OBJECTS = 1000;
/** The link with this resource type (`rt`) says where the objects are, LwM2M 1.2 Core §6.2.1. */
const ROOT_TYPE = 'oma.lwm2m';
const ROOT = '/';

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

const NO_VERSIONS: ObjectList['versions'] = new Map();

/** Of a device that listed nothing. */
export const NO_OBJECTS: ObjectList = {
  paths: [],
  versions: NO_VERSIONS,
  alternatePath: ROOT,
  contentFormats: [],
};

/** Whether two lists name the same objects in the same place. */
export function sameObjects(a: ObjectList, b: ObjectList): boolean {
  return (
    a.alternatePath === b.alternatePath &&
    a.paths.length === b.paths.length &&
    a.paths.every((path, at) => path === b.paths[at]) &&
    a.versions.size === b.versions.size &&
    [...a.versions].every(([id, version]) => b.versions.get(id) === version)
  );
}

/**
 * Reads the payload of a Register or an Update. Links that are no object or object instance are passed over.
 * @param contentFormat undefined where the request does not say
 */
export function readObjectList(payload: Buffer, contentFormat: number | undefined): ObjectList | Fault {
  if (contentFormat !== undefined && contentFormat !== ContentFormat.LinkFormat) {
    return { code: ResponseCode.UnsupportedContentFormat, reason: 'objects are listed in CoRE link format' };
  }
  if (!isUtf8(payload)) return { code: ResponseCode.BadRequest, reason: 'the object list is not UTF-8' };
  try {
    return objectListOf(parseLinks(payload.toString()));
  } catch (error) {
    if (!isFrameError(error)) throw error;
    return { code: ResponseCode.BadRequest, reason: `the object list is wrong: ${error.message}` };
  }
}

function objectListOf(links: readonly Link[]): ObjectList | Fault {
  const root = links.find(isRoot);
  const alternatePath = root === undefined ? ROOT : pathOf(root.target);
  const paths: string[] = [];
  const versions = new Map<number, string>();
  for (const link of links) {
    const target = pathWithin(link.target, alternatePath);
    const path = link === root ? undefined : parsePath(target);
    const [object, instance] = path ?? [];
    if (path === undefined || object === undefined || path.length > 2) continue;
    paths.push(instance === undefined ? `/${object}` : `/${object}/${instance}`);
    const version = link.attributes.get('ver');
    if (version !== undefined && instance === undefined) versions.set(object, version);
  }
  if (paths.length > MAX_OBJECTS) return { code: ResponseCode.BadRequest, reason: 'too many objects' };
  return {
    paths,
    versions: versions.size === 0 ? NO_VERSIONS : versions,
    alternatePath,
    contentFormats: formatsOf(root?.attributes.get('ct')),
  };
}

function isRoot({ attributes }: Link): boolean {
  return attributes.get('rt')?.split(' ').includes(ROOT_TYPE) === true;
}

/** With a slash in front and none at the end. */
function pathOf(target: string): string {
  const bare = target.replace(/^\/+|\/+$/g, '');
  return `/${bare}`;
}

/** A device with an alternate path may list its objects with it or without. */
function pathWithin(target: string, alternatePath: string): string {
  const path = pathOf(target);
  return alternatePath !== ROOT && path.startsWith(`${alternatePath}/`)
    ? path.slice(alternatePath.length)
    : path;
}

/** @param text numbers with spaces between: `110 112` */
function formatsOf(text: string | undefined): readonly number[] {
  const numbers = (text ?? '').split(' ').filter((number) => /^\d{1,5}$/.test(number));
  return numbers.length === 0 ? NO_OBJECTS.contentFormats : numbers.map(Number);
}
