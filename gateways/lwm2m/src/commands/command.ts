import type { Lwm2mPath, TypedNode } from '@portico/codec-lwm2m';
import type { FirmwareObject } from '../firmware/firmware-objects.js';
import type { JsonObject, JsonValue } from './exact-json.js';

/** How values that are bytes are written in JSON, both ways. */
export type Encoding = 'base64' | 'hex';

/** One attribute of Write-Attributes: its name, and its value as it stands in the query. */
export type Attribute = readonly [name: string, value: string];

/** What a device is asked for; terms of LwM2M 1.2 §6.3 and §6.4. */
export type Operation =
  | { readonly type: 'read' | 'discover' | 'delete' | 'observe' | 'cancel-observe'; readonly path: Lwm2mPath }
  | {
      readonly type: 'write';
      readonly path: Lwm2mPath;
      readonly nodes: readonly TypedNode[];
      /** Whether what is not written is left as it is, or goes (Write in mode Partial Update or Replace). */
      readonly partial: boolean;
    }
  | { readonly type: 'write-attr'; readonly path: Lwm2mPath; readonly attributes: readonly Attribute[] }
  | { readonly type: 'execute'; readonly path: Lwm2mPath; readonly args: string }
  | {
      readonly type: 'create';
      readonly path: Lwm2mPath;
      readonly nodes: readonly TypedNode[];
      /** The id of the new instance; undefined for the device to choose. */
      readonly instance: number | undefined;
    }
  | {
      readonly type: 'read-composite' | 'observe-composite' | 'cancel-observe-composite';
      readonly paths: readonly Lwm2mPath[];
    }
  | { readonly type: 'write-composite'; readonly nodes: readonly TypedNode[] }
  /** A resource that is nothing but bytes, in blocks without a format around them. */
  | { readonly type: 'write-bytes'; readonly path: Lwm2mPath; readonly bytes: Buffer }
  | FirmwareOperation;

/** Where a package with new software is. */
export type PackageSource = { readonly url: string } | { readonly bytes: Buffer };

/** Brings a device new software. What it is sent is known when its turn has come, see `firmware/package-delivery.ts`. */
export interface FirmwareOperation {
  readonly type: 'firmware';
  /** Of the object instance. */
  readonly path: Lwm2mPath;
  readonly object: FirmwareObject;
  readonly source: PackageSource;
  /** Whether the device is sent the package, or fetches it here. */
  readonly mode: 'push' | 'pull';
}

/** One request of an application to one device. */
export interface Command {
  /** What the answer repeats: all fields but `data`. */
  readonly fields: JsonObject;
  /** As it came. */
  readonly data: JsonObject;
  /** `reqPath` of the answer: path, base path or list of paths, as they came. */
  readonly reqPath: JsonValue;
  readonly encoding: Encoding;
  readonly operation: Operation;
}
