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
  /** Milliseconds since 1970. */
  readonly now: number;
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
  const { operation, typeOf, onValues } = reading;
  const format = contentFormatOf(response);
  if (format === ContentFormat.LinkFormat) return splitLinks(response.payload.toString());
  const nodes = decodePayload(
    format ?? ContentFormat.TextPlain,
    basePathOf(operation),
    response.payload,
    typeOf,
  );
  onValues?.(nodes);
  return valuesOf(nodes, reading);
}

/** Undefined where the response does not say. */
function contentFormatOf({ options }: IncomingResponse): number | undefined {
  return options.find(({ number }) => number === OptionNumber.ContentFormat)?.uint;
}

const ROOT: Lwm2mPath = [];

function basePathOf(operation: Operation): Lwm2mPath {
  return 'path' in operation ? operation.path : ROOT;
}

/** Seconds: a time that is less is meant from now on, RFC 8428 §4.5.3. */
const RELATIVE_TIMES = 2 ** 28;

/** Values with their paths, as EMQX 4 writes them; `time` where the device gave one, `raw` where nobody knows the type. */
export function valuesOf(
  nodes: readonly Lwm2mNode[],
  { typeOf, encoding, now }: Pick<AnswerReading, 'typeOf' | 'encoding' | 'now'>,
): JsonObject[] {
  return nodes.map((node) => ({
    value: valueToJson(node, typeOf(node.path)?.type, encoding),
    time: absoluteTime(node.time, now),
    raw: node.raw,
    path: formatPath(node.path),
  }));
}

/** @returns seconds since 1970 */
function absoluteTime(time: number | undefined, now: number): number | undefined {
  return time === undefined || time >= RELATIVE_TIMES ? time : now / 1000 + time;
}
