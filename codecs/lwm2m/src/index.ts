/** LwM2M as data: the object model and the payload formats. */

export type {
  Lwm2mPath,
  ObjectDefinition,
  ResourceDefinition,
  ResourceOperations,
  ResourceShape,
  ResourceType,
  TypeOf,
} from './model/types.js';
export { RESOURCE_OPERATIONS, RESOURCE_TYPES } from './model/types.js';
