import type { ExplainedField } from '@portico/frame';
import { explainRecord, type FieldSpan } from '@portico/record';
import { Command, type Gbt32960Frame } from './frame.js';
import type { Info } from './infos.js';
import { HEADER_SIZE } from './layout.js';
import { scaledInfos } from './scaled.js';

/** Units of quantities, by how their names end (GB/T 32960.3-2016 §7.2.3). */
const UNITS: readonly (readonly [ending: RegExp, unit: string])[] = [
  [/^Speed$/, 'km/h'],
  [/^Mileage$/, 'km'],
  [/Voltage$|Voltages$|^MaxBatteryVoltage$|^MinBatteryVoltage$|VoltageCellValue$/, 'V'],
  [/Current$/, 'A'],
  [/Temp$|Temps$|TempValue$/, '°C'],
  [/Press$|Pressure$/, 'MPa'],
  [/^SOC$|Pedal$|^RemainingH2$/, '%'],
  [/^Rotating$|^CrankshaftSpeed$/, 'r/min'],
  [/^Torque$/, 'N·m'],
  [/^Longitude$|^Latitude$/, '°'],
  [/^Resistance$/, 'kΩ'],
];

/** Fields in which a platform proves who it is, and keys, by the commands that have them. */
const SECRETS: ReadonlyMap<number | undefined, string> = new Map([
  [Command.PlatformLogin, 'Password'],
  [Command.KeyExchange, 'Key'],
]);

/** Whether there may be a password or a key among the data of a command. */
export function hasSecrets(command: number | undefined): boolean {
  return SECRETS.has(command);
}

/** The fields of the data of a frame, quantities in their units. */
export function dataFields(
  spans: readonly FieldSpan[],
  data: Readonly<Record<string, unknown>>,
  { command, edition, data: bytes }: Gbt32960Frame,
): ExplainedField[] {
  const start = HEADER_SIZE;
  if (spans.length === 0) {
    const end = start + bytes.length;
    return end === start ? [] : [{ name: 'Data', start, end, value: 'encrypted', secret: true }];
  }
  const scaled = Array.isArray(data.Infos) ? scaledInfos(data.Infos as Info[], edition) : [];
  return explainRecord(
    spans,
    data,
    { at: start, size: bytes.length },
    {
      isSecret: (path) => SECRETS.get(command) === path || (path === '(rest)' && hasSecrets(command)),
      meaning: ({ path }, value) => quantityText(path, value, scaled),
    },
  );
}

/** A value of a report with its unit; undefined for others. @param scaled the items of the report in their units */
function quantityText(path: string, value: unknown, scaled: readonly Info[]): string | undefined {
  const names = path.split('.');
  if (names[0] !== 'Infos') return undefined;
  let physical: unknown = scaled;
  for (const name of names.slice(1)) physical = (physical as Record<string, unknown> | undefined)?.[name];
  const last = names.at(-1) ?? '';
  const unit = UNITS.find(([ending]) => ending.test(last))?.[1];
  if (physical === null) return `${value} (no value)`;
  if (unit === undefined) return undefined;
  return Array.isArray(physical) ? listText(physical, unit) : `${physical} ${unit}`;
}

/** Most elements of a list that are shown. */
const MOST_SHOWN = 64;

function listText(values: readonly unknown[], unit: string): string {
  const shown = values.slice(0, MOST_SHOWN).map((value) => (value === null ? 'no value' : String(value)));
  return `${shown.join(', ')}${values.length > MOST_SHOWN ? ', …' : ''} ${unit}`;
}
