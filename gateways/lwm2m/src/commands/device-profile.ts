import { impliedVersion, type Lwm2mPath, type ResourceShape, type TypeOf } from '@portico/codec-lwm2m';
import type { Registration } from '../registration.js';

/** What has to be known of a device to ask it for something. */
export interface DeviceProfile {
  /** Of LwM2M, as it registered: `1.0`. */
  readonly lwm2m: string;
  /** `ct` of its root in the object list, LwM2M 1.2 §6.4.2; empty where it names none. */
  readonly contentFormats: readonly number[];
  /** Segments of its alternate path, which go before those of every path. */
  readonly rootPath: readonly string[];
  readonly typeOf: TypeOf;
}

/** Where types are looked up: the object model. */
export interface TypeSource {
  /** @param version of the object; undefined for the initial one */
  typeOf(path: Lwm2mPath, version?: string): ResourceShape | undefined;
}

const NO_SEGMENTS: readonly string[] = [];

/** The profile of a device as it is registered now. */
export function profileOf({ lwm2m, objects }: Registration, model: TypeSource): DeviceProfile {
  const { alternatePath, contentFormats, versions } = objects;
  // Paths are asked for one after the other, and most of them are of the same object.
  let objectId = -1;
  let version: string | undefined;
  return {
    lwm2m,
    contentFormats,
    rootPath:
      alternatePath === '/' ? NO_SEGMENTS : alternatePath.split('/').filter((segment) => segment !== ''),
    typeOf: (path) => {
      const [id = -1] = path;
      if (id !== objectId) {
        objectId = id;
        version = versions.get(id) ?? impliedVersion(id, lwm2m);
      }
      return model.typeOf(path, version);
    },
  };
}
