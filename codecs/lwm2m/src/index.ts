/** LwM2M as data: the object model and the payload formats. */

export {
  type ClientSupport,
  CONTENT_FORMATS,
  contentFormatName,
  type Lwm2mContentFormat,
  Lwm2mFormat,
} from './content-formats.js';
export { explainPayload } from './explain-payload.js';
export {
  formatLinks,
  type Link,
  type LinkErrorCode,
  MAX_LINKS,
  MAX_LINKS_LENGTH,
  parseLinks,
  type ReadLink,
} from './links.js';
export {
  type CompactDefinition,
  formatCompact,
  parseCompact,
  readCompactKey,
} from './model/compact.js';
export { impliedVersion } from './model/core-objects.js';
export { ObjectModel } from './model/object-model.js';
export { parseObjectXml } from './model/object-xml.js';
export { ObjectXmlError } from './model/object-xml-error.js';
export { type Interval, isInRange, parseRange, type ValueRange } from './model/range.js';
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
export { compareVersions, isVersion } from './model/version.js';
export { MAX_XML_LENGTH } from './model/xml-tree.js';
export {
  type Lwm2mNode,
  MAX_NODES,
  MAX_PAYLOAD_BYTES,
  type PayloadErrorCode,
  type TypedNode,
} from './node.js';
export { formatPath, isWithin, MAX_ID, parsePath } from './path.js';
export { type CompositeFormat, decodePayload, encodePaths, encodePayload } from './payload.js';
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
