import { formatPath, parsePath } from '@portico/codec-lwm2m';
import { isJsonObject, type JsonValue } from '../commands/exact-json.js';
import type { CommandText } from '../commands/parse-command.js';
import { firmwareObject } from './firmware-objects.js';

/** Segment of the command topic behind which a request id stands, for messages that are packages. */
const TOPIC_SEGMENT = 'firmware';
/** Where those go. */
const PATH = '/5/0';

/**
 * The command that a package on a topic such as `dn/firmware/7` stands for: it is for `/5/0`, and 7 is its `reqID`.
 * @returns undefined for other topics
 */
export function packageCommand(topic: string, payload: Buffer): CommandText | undefined {
  const segments = topic.split('/');
  const reqID = segments.at(-1);
  if (reqID === undefined || reqID === '' || segments.at(-2) !== TOPIC_SEGMENT) return undefined;
  const data = { path: PATH, value: payload.toString('base64') };
  return { fields: { reqID, msgType: 'firmware' }, data };
}

/**
 * What goes before a `firmware` command: its State and Update Result are observed, so that applications see what the
 * device makes of the package.
 * @param command one that is right
 */
export function observationsBefore({ fields, data }: CommandText): CommandText[] {
  const path = isJsonObject(data) ? pathOf(data.path) : undefined;
  const object = path === undefined ? undefined : firmwareObject(path);
  if (path === undefined || object === undefined) return [];
  return [object.state, object.result].map((resource) => ({
    fields: { ...fields, msgType: 'observe' },
    data: { path: formatPath([...path, resource]) },
  }));
}

function pathOf(text: JsonValue | undefined) {
  return typeof text === 'string' ? parsePath(text) : undefined;
}
