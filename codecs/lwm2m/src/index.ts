/** LwM2M as data: the object model and the payload formats. */

export {
  type ClientSupport,
  CONTENT_FORMATS,
  contentFormatName,
  type Lwm2mContentFormat,
  Lwm2mFormat,
} from './content-formats.js';
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
export {
  type Lwm2mNode,
  MAX_NODES,
  MAX_PAYLOAD_BYTES,
  type PayloadErrorCode,
  type TypedNode,
} from './node.js';
export { formatPath, isWithin, MAX_ID, parsePath } from './path.js';
export { decodePayload, encodePayload } from './payload.js';
export {
  describeValue,
  fitValue,
  formatValue,
  isObjectLink,
  type Lwm2mValue,
  type ObjectLink,
  parseBase64,
  parseValue,
  typeOfValue,
  valueFromJson,
  valueToJson,
} from './value.js';
