import type { Field, Form } from '@portico/record';
import { idText } from './describe.js';
import { MESSAGES } from './message-table.js';
import type { MessageRow } from './messages/row.js';
import { PARAMETERS } from './parameters.js';

type FormOf<K extends Form['kind']> = Extract<Form, { kind: K }>;
type Cells = readonly [key: string, json: string, type: string, when: string];

/** How values stand in JSON, where it is the same for all fields of a kind. */
const JSON_TYPES: { readonly [kind in Form['kind']]?: string } = {
  integer: 'integer',
  derived: 'integer, counted by itself',
  base64: 'base64',
  bcd: 'digits',
  text: 'text',
  bits: 'object of 0 and 1',
  choice: 'by id',
};

const INTRODUCTION = `# Messages of JT/T 808 in JSON

What stands in the \`body\` of each message that the JT/T 808 gateway publishes (up) and takes (down). This page is made
from the table that reads and writes them: \`node scripts/generate-jt808-messages.mjs\`.

Types are those of the standard: BYTE, WORD and DWORD are integers of one, two and four bytes, BCD[n] is 2n digits,
STRING is text in GBK. Where editions differ, types stand from the oldest to the newest with a slash between them.
Lengths and counts need not be told in messages down.
A message that is not in this list has \`{"unknown_id": true, "data": base64}\` as its body.
`;

/** A page in Markdown that tells of all messages, made from their table. */
export function documentMessages(): string {
  const messages = [...MESSAGES.values()].flatMap(documentMessage);
  const parameters = [...PARAMETERS].map(
    ([id, { name, field }]) => `| ${idText(id)} | ${id} | ${name} | ${field.type} |`,
  );
  return [
    INTRODUCTION,
    '## Messages',
    '',
    ...messages,
    '## Parameters of terminals',
    '',
    'The `value` of others, and of those whose bytes do not fit their type, is base64.',
    '',
    '| id | `id` in JSON | what it is | type |',
    '| --- | --- | --- | --- |',
    ...parameters,
    '',
  ].join('\n');
}

function documentMessage({ id, name, direction, source, body, body2011 }: MessageRow): string[] {
  const heading = [`### ${idText(id)} ${name}`, '', `\`"msg_id": ${id}\`, ${direction}. ${source}.`, ''];
  return [
    ...heading,
    ...table(rowsOf(body.form, '')),
    ...(body2011 === undefined ? [] : ['In the edition of 2011:', '', ...table(rowsOf(body2011.form, ''))]),
  ];
}

function table(rows: readonly Cells[]): string[] {
  if (rows.length === 0) return ['An empty object.', ''];
  const lines = rows.map(([key, json, type, when]) => `| \`${key}\` | ${json} | ${type} | ${when} |`);
  return ['| key | in JSON | type | when |', '| --- | --- | --- | --- |', ...lines, ''];
}

/** The fields of a compound one, each with those within. @param path of it, with a dot behind */
function rowsOf(form: Form, path: string): Cells[] {
  switch (form.kind) {
    case 'record':
      return Object.entries(form.shape).flatMap(([name, field]) => fieldRows(field, `${path}${name}`));
    case 'joined':
      return form.fields.flatMap((field) => rowsOf(field.form, path));
    case 'packed':
      return Object.entries(form.parts).map(([name, bits]) => [
        `${path}${name}`,
        'integer',
        `${bits} bits`,
        '',
      ]);
    case 'items':
      return itemRows(form, path);
    default:
      return [];
  }
}

function itemRows({ options: { table: items, custom } }: FormOf<'items'>, path: string): Cells[] {
  const known = [...items].flatMap(([id, { name, field }]) =>
    fieldRows(field, `${path}${name}`, `item 0x${id.toString(16).padStart(2, '0')}`),
  );
  const others: Cells[] = [[`${path}<id>`, 'base64', 'BYTE', 'all other items, and those that do not fit']];
  if (custom !== undefined) {
    others.push([
      `${path}${custom.name}.<id>`,
      'base64',
      'BYTE',
      `items from 0x${custom.from.toString(16)} on`,
    ]);
  }
  return [...known, ...others];
}

function fieldRows(field: Field<unknown>, key: string, when = field.condition ?? ''): Cells[] {
  const { form, type } = field;
  if (form.kind === 'sized') return fieldRows({ ...form.field, type }, key, when);
  if (form.kind === 'edition') {
    return [[key, JSON_TYPES[form.fields[0]?.[1].form.kind ?? 'integer'] ?? '', type, when]];
  }
  if (form.kind === 'list') {
    const inner = rowsOf(form.element.form, `${key}[].`);
    const element = JSON_TYPES[form.element.form.kind] ?? 'object';
    return [[key, `list of ${element}s`, inner.length > 0 ? '' : `${form.element.type} …`, when], ...inner];
  }
  const inner = rowsOf(form, `${key}.`);
  if (inner.length > 0) return [[key, 'object', '', when], ...inner];
  const bits = form.kind === 'bits' ? `: ${form.names.map((name) => `\`${name}\``).join(', ')}` : '';
  return [[key, `${JSON_TYPES[form.kind] ?? ''}${bits}`, type, when]];
}
