import type { Field, Form, Length } from '@portico/record';
import fc from 'fast-check';
import type { Edition } from '../editions.js';

type Values = Record<string, unknown>;
type FormOf<K extends Form['kind']> = Extract<Form, { kind: K }>;

/** Any value that a field can write in an edition, as JSON; without what is counted and measured by itself. */
export function valuesOf(
  field: Field<unknown>,
  edition: Edition,
  siblings: Values = {},
): fc.Arbitrary<unknown> {
  const { form } = field;
  switch (form.kind) {
    case 'integer':
      return fc.integer({ min: 0, max: 256 ** form.size - 1 });
    case 'base64':
      return bytes(form.length).map((value) => value.toString('base64'));
    case 'bcd':
      return bytes(form.length).map((value) => value.toString('hex'));
    case 'text':
      return field.type.startsWith('BYTE') ? characters(form) : text(form);
    case 'derived':
      return fc.constant(undefined);
    case 'bits':
      return fc.record(Object.fromEntries(form.names.map((name) => [name, fc.nat(1)])));
    case 'packed':
      return fc.record(
        Object.fromEntries(
          Object.entries(form.parts).map(([name, bitCount]) => [name, fc.nat(2 ** bitCount - 1)]),
        ),
      );
    case 'record':
      return recordOf(form, edition);
    case 'joined':
      return fc
        .tuple(...form.fields.map((each) => valuesOf(each, edition)))
        .map((parts) => Object.assign({}, ...parts));
    case 'list':
      return fc.array(valuesOf(form.element, edition), { maxLength: endsOpen(form.element) ? 1 : 4 });
    case 'items':
      return itemsOf(form, edition);
    case 'sized':
      return valuesOf(form.field, edition, siblings);
    case 'edition':
      return valuesOf(inEdition(form, edition), edition, siblings);
    case 'choice':
      return valuesOf(form.fields.get(siblings[form.by]) ?? form.otherwise, edition, siblings);
  }
}

/** Whether an element takes all that is left, so that there can be none behind it. */
function endsOpen({ form }: Field<unknown>): boolean {
  if (form.kind === 'record') return Object.values(form.shape).slice(-1).some(endsOpen);
  if (form.kind === 'choice') return endsOpen(form.otherwise);
  return form.kind === 'base64' && form.length === 'rest';
}

function bytes(length: Length): fc.Arbitrary<Buffer> {
  const size = typeof length === 'number' ? { minLength: length, maxLength: length } : { maxLength: 30 };
  return fc.uint8Array(size).map((array) => Buffer.from(array));
}

const ascii = fc.integer({ min: 0x20, max: 0x7e });
const han = fc.integer({ min: 0x4e00, max: 0x9fa5 });

function text({ length }: { readonly length: Length }): fc.Arbitrary<string> {
  const maxLength = typeof length === 'number' ? Math.floor(length / 2) : 30;
  return fc.array(fc.oneof(ascii, han), { maxLength }).map((codes) => String.fromCharCode(...codes));
}

function characters({ length }: { readonly length: Length }): fc.Arbitrary<string> {
  const size = { minLength: Number(length), maxLength: Number(length) };
  return fc.array(ascii, size).map((codes) => String.fromCharCode(...codes));
}

function inEdition({ fields }: FormOf<'edition'>, edition: Edition): Field<unknown> {
  const last = fields.findLast(([since]) => edition >= since);
  if (last === undefined) throw new Error('no field is as old as that');
  return last[1];
}

/** Fields one after the other: whether one is there may depend on those before it. */
function recordOf({ shape }: FormOf<'record'>, edition: Edition): fc.Arbitrary<Values> {
  return fc.gen().map((generate) => {
    const values: Values = {};
    for (const [name, field] of Object.entries(shape)) {
      if (field.present?.(edition, values, 1) === false) continue;
      const mayBeMissing = field.present?.(edition, values, 0) === false;
      if (mayBeMissing && field.form.kind !== 'derived' && generate(fc.boolean)) break;
      const value = generate(() => fc.oneof(valuesOf(field, edition, values), ...chosenBy(name, shape)));
      if (value !== undefined) values[name] = value;
    }
    return values;
  });
}

/** Values of a field by which the description of another is chosen. */
function chosenBy(name: string, shape: FormOf<'record'>['shape']): fc.Arbitrary<unknown>[] {
  for (const { form } of Object.values(shape)) {
    const inner = form.kind === 'sized' ? form.field.form : form;
    if (inner.kind === 'choice' && inner.by === name) return [fc.constantFrom(...inner.fields.keys())];
  }
  return [];
}

function itemsOf({ options: { table, custom } }: FormOf<'items'>, edition: Edition): fc.Arbitrary<Values> {
  const known = [...table.values()].map(({ name, field }) => [name, valuesOf(field, edition)] as const);
  const base64 = bytes('rest').map((value) => value.toString('base64'));
  const unknown = fc.dictionary(
    fc
      .integer({ min: 0, max: (custom?.from ?? 256) - 1 })
      .filter((id) => !table.has(id))
      .map(String),
    base64,
    { maxKeys: 3 },
  );
  const customs = fc.dictionary(fc.integer({ min: custom?.from ?? 0, max: 255 }).map(String), base64, {
    minKeys: 1,
    maxKeys: 3,
  });
  return fc
    .tuple(
      fc.record(Object.fromEntries(known), { requiredKeys: [] }),
      unknown,
      custom === undefined ? fc.constant({}) : fc.option(fc.record({ [custom.name]: customs }), { nil: {} }),
    )
    .map((parts) => Object.assign({}, ...parts));
}
