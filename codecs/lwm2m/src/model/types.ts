/**
 * Object, object instance, resource, resource instance: none to four ids of 0..65534 (LwM2M 1.2 Core §7.2).
 * `[3, 0, 1]` is `/3/0/1`.
 */
export type Lwm2mPath = readonly number[];

/** Data types of LwM2M 1.2 Core appendix C; `none` is what an executable resource has. */
export const RESOURCE_TYPES = [
  'string',
  'integer',
  'unsigned',
  'float',
  'boolean',
  'opaque',
  'time',
  'objlnk',
  'corelnk',
  'none',
] as const;

/** One of {@link RESOURCE_TYPES}. */
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** What a server may do with a resource; '' means that only a bootstrap server may do anything with it. */
export const RESOURCE_OPERATIONS = ['R', 'W', 'RW', 'E', ''] as const;

/** One of {@link RESOURCE_OPERATIONS}. */
export type ResourceOperations = (typeof RESOURCE_OPERATIONS)[number];

/** One `<Item>` of an object definition file (LwM2M 1.2 Core appendix D). */
export interface ResourceDefinition {
  /** 0..65534 */
  readonly id: number;
  readonly name: string;
  readonly operations: ResourceOperations;
  /** Whether it may have several resource instances. */
  readonly multiple: boolean;
  readonly mandatory: boolean;
  readonly type: ResourceType;
  /** As the definition says it: `0..100`, `0,1,2`, `64 bytes`; '' for none. */
  readonly range: string;
  /** As the definition says it, by rule a SenML unit (RFC 8428 §12.1); '' for none. */
  readonly units: string;
}

/** One version of one object. */
export interface ObjectDefinition {
  /** 0..65534 */
  readonly id: number;
  readonly name: string;
  /** Of the object, `major.minor`. */
  readonly version: string;
  /** The first version of LwM2M that the object works with, `major.minor`. */
  readonly lwm2mVersion: string;
  /** Whether it may have several object instances. */
  readonly multiple: boolean;
  readonly mandatory: boolean;
  /** By resource id. */
  readonly resources: ReadonlyMap<number, ResourceDefinition>;
}

/** What a codec must know of a resource to read or write its value. */
export type ResourceShape = Pick<ResourceDefinition, 'type' | 'multiple'>;

/** Tells the shape of the resource at (or above) a path; undefined where no definition tells it. */
export type TypeOf = (path: Lwm2mPath) => ResourceShape | undefined;
