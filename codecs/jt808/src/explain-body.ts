import type { ExplainedField } from '@portico/frame';
import { explainRecord, type FieldSpan, type Place } from '@portico/record';
import { idText } from './describe.js';
import { MESSAGES } from './message-table.js';
import { PARAMETERS } from './parameters.js';

/** What an integer of some name and type stands for: `value / divisor` of a unit. */
interface UnitRow {
  readonly name: string;
  readonly type: string;
  readonly divisor: number;
  readonly unit: string;
}

/** JT/T 808-2019 tables 23 and 27. */
const UNITS: readonly UnitRow[] = [
  { name: 'latitude', type: 'DWORD', divisor: 1_000_000, unit: '°' },
  { name: 'longitude', type: 'DWORD', divisor: 1_000_000, unit: '°' },
  { name: 'altitude', type: 'WORD', divisor: 1, unit: 'm' },
  { name: 'speed', type: 'WORD', divisor: 10, unit: 'km/h' },
  { name: 'speed', type: 'BYTE', divisor: 1, unit: 'km/h' },
  { name: 'direction', type: 'WORD', divisor: 1, unit: '°' },
  { name: 'mileage', type: 'DWORD', divisor: 10, unit: 'km' },
  { name: 'fuel_meter', type: 'WORD', divisor: 10, unit: 'l' },
];

/** Fields in which a terminal or a platform proves who it is, by the messages that have them. */
const SECRETS: ReadonlyMap<number, string> = new Map([
  [0x0102, 'code'],
  [0x8100, 'auth_code'],
  [0x9206, 'password'],
  [0x8103, ''],
  [0x0104, ''],
]);

/** Whether there may be an authentication code or a password in a message. */
export function hasSecrets(id: number): boolean {
  return SECRETS.has(id);
}

/** Parameters of 0x8103 and 0x0104 that are passwords (JT/T 808-2019 table 12). */
const SECRET_PARAMETERS: ReadonlySet<unknown> = new Set([0x12, 0x16]);

type Body = Readonly<Record<string, unknown>>;

/**
 * The fields of a body.
 * @param place of the body in the frame; one without fields is shown as it is
 */
export function bodyFields(
  messageId: number,
  spans: readonly FieldSpan[],
  body: Body,
  { at, size }: Place,
): ExplainedField[] {
  if (spans.length === 0) return size === 0 ? [] : [opaqueField(body, at, at + size)];
  const { seq, id } = body;
  const isResponse = seq !== undefined && id !== undefined;
  return explainRecord(
    spans,
    body,
    { at, size },
    {
      isSecret: (path) => isSecret(messageId, path, body),
      meaning: ({ path, type }, value) => {
        if (typeof value !== 'number') return undefined;
        return isResponse ? responseMeaning(path, value) : meaningOf(path, type, value);
      },
    },
  );
}

/** Of what is encrypted or a part nothing is known; it may hold anything. */
function opaqueField(body: Body, start: number, end: number): ExplainedField {
  const value = Object.keys(body).find((name) => body[name] === true) ?? 'unread';
  return { name: 'body', start, end, value, secret: true };
}

function isSecret(messageId: number, path: string, { params }: Body): boolean {
  const [list, index, last] = path.split('.');
  if (list === 'params' && last === 'value' && Array.isArray(params)) {
    return SECRET_PARAMETERS.has(params[Number(index)]?.id);
  }
  return SECRETS.get(messageId) === path || (path === '(rest)' && hasSecrets(messageId));
}

function meaningOf(path: string, type: string, value: number): string | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (path.startsWith('params.') && name === 'id') return parameterText(value);
  const row = UNITS.find((each) => each.name === name && each.type === type);
  return row && `${value / row.divisor} ${row.unit}`;
}

function parameterText(id: number): string {
  return `${idText(id)} (${PARAMETERS.get(id)?.name ?? 'unknown'})`;
}

/** What general responses answer, and how (JT/T 808-2019 §8.1). */
const RESULTS = ['success', 'failure', 'wrong message', 'not supported', 'alarm confirmed'];

function responseMeaning(path: string, value: number): string | undefined {
  if (path === 'id') return `${idText(value)} ${MESSAGES.get(value)?.name ?? 'unknown'}`;
  return path === 'result' ? `${value} (${RESULTS[value] ?? 'reserved'})` : undefined;
}
