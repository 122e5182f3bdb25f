import type { IncomingResponse } from '@portico/coap-endpoint';
import { ContentFormat, classOf, OptionNumber } from '@portico/codec-coap';
import { decodePayload, formatPath, type Lwm2mNode, type Lwm2mPath, type TypeOf } from '@portico/codec-lwm2m';
import type { Encoding, Operation } from './command.js';
import type { JsonObject, JsonValue } from './exact-json.js';
import { splitLinks } from './split-links.js';
import { valueToJson } from './values.js';

/** What an answer is read with. */
export interface AnswerReading {
  readonly operation: Operation;
  readonly encoding: Encoding;
  readonly typeOf: TypeOf;
  /** Told what the device says that its resources are. */
  readonly onValues?: (nodes: readonly Lwm2mNode[]) => void;
}

/**
 * `content` of an answer: a list of values with their paths, or of links; undefined for an answer that has none, as that
 * of a Write and an error.
 * @throws FrameError for a payload that is not what its content format says
 */
export function contentOf(response: IncomingResponse, reading: AnswerReading): JsonValue | undefined {
  if (classOf(response.code) !== 2 || response.payload.length === 0) return undefined;
  const { operation, encoding, typeOf, onValues } = reading;
  const format = contentFormatOf(response);
  if (format === ContentFormat.LinkFormat) return splitLinks(response.payload.toString());
  const nodes = decodePayload(
    format ?? ContentFormat.TextPlain,
    basePathOf(operation),
    response.payload,
    typeOf,
  );
  onValues?.(nodes);
  return valuesOf(nodes, typeOf, encoding);
}

/** Undefined where the response does not say. */
function contentFormatOf({ options }: IncomingResponse): number | undefined {
  return options.find(({ number }) => number === OptionNumber.ContentFormat)?.uint;
}

const ROOT: Lwm2mPath = [];

function basePathOf(operation: Operation): Lwm2mPath {
  return 'path' in operation ? operation.path : ROOT;
}

/** Values with their paths, as EMQX 4 writes them; `time` where the device gave one, `raw` where nobody knows the type. */
export function valuesOf(nodes: readonly Lwm2mNode[], typeOf: TypeOf, encoding: Encoding): JsonObject[] {
  return nodes.map((node) => ({
    value: valueToJson(node, typeOf(node.path)?.type, encoding),
    time: node.time,
    raw: node.raw,
    path: formatPath(node.path),
  }));
}
