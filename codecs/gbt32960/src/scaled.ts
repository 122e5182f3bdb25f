import type { Field } from '@portico/record';
import { isNoValue } from './counted.js';
import type { Edition } from './frame.js';
import { type Info, infoRow } from './infos.js';
import { isQuantity, type Quantity } from './quantity.js';

/**
 * Items of a report with physical quantities in their units (km/h, km, V, A, °C, r/min, N·m, degrees, percent, …) instead
 * of the integers of the standard; null where it says that a value is abnormal or invalid. All else stays as it is.
 */
export function scaledInfos(infos: readonly Info[], edition: Edition): Info[] {
  return infos.map((item) => {
    const row = infoRow(edition, item.Type);
    return row === undefined ? item : ({ ...item, ...scaledRecord(item, row.record.shape) } as Info);
  });
}

type Fields = Readonly<Record<string, Field<unknown>>>;

function scaledRecord(values: Readonly<Record<string, unknown>>, shape: Fields): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name in values) {
    const field = shape[name];
    if (field !== undefined) result[name] = scaledValue(values[name], field);
  }
  return result;
}

function scaledValue(value: unknown, field: Field<unknown>): unknown {
  if (isQuantity(field)) return physical(value as number, field);
  const { form } = field;
  if (form.kind === 'list') return (value as unknown[]).map((each) => scaledValue(each, form.element));
  if (form.kind === 'record') return scaledRecord(value as Record<string, unknown>, form.shape);
  return value;
}

/** Divides before it goes below zero, and in whole steps, so that no digits come that the terminal did not send. */
function physical(raw: number, { divisor, below, size }: Quantity): number | null {
  return isNoValue(raw, size) ? null : (raw - below * divisor) / divisor;
}
