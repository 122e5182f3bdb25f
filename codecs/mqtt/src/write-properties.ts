import { PacketSizer, type PacketWriter } from './packet-writer.js';
import {
  type PropertiesOf,
  type PropertyCarrier,
  type PropertyRow,
  propertyRowByName,
} from './property-table.js';

/** A writer whose methods take what the table says that a property is. */
type AnyWriter = Readonly<Record<PropertyRow['type'], (value: unknown) => void>>;

const sizer = new PacketSizer();

/** Writes the length and the properties of `carrier`, MQTT 5 §2.2.2. */
export function writeProperties<Carrier extends PropertyCarrier>(
  writer: PacketWriter,
  carrier: Carrier,
  properties: PropertiesOf<Carrier> | undefined,
): void {
  writer.variableByteInteger(propertiesSize(carrier, properties));
  if (properties !== undefined) writePropertyList(writer, carrier, properties);
}

/** Bytes that the properties take, without their length in front. */
export function propertiesSize<Carrier extends PropertyCarrier>(
  carrier: Carrier,
  properties: PropertiesOf<Carrier> | undefined,
): number {
  if (properties === undefined) return 0;
  sizer.size = 0;
  writePropertyList(sizer, carrier, properties);
  return sizer.size;
}

/** Writes the properties in the order of their keys, without their length in front. */
export function writePropertyList(
  writer: PacketWriter,
  carrier: PropertyCarrier,
  properties: Readonly<Record<string, unknown>>,
): void {
  for (const name in properties) {
    const value = properties[name];
    const row = propertyRowByName(carrier, name);
    if (value === undefined || row === undefined) continue;
    if (row.repeatable) for (const one of value as readonly unknown[]) writeOne(writer, row, one);
    else writeOne(writer, row, value);
  }
}

function writeOne(writer: PacketWriter, row: PropertyRow, value: unknown): void {
  writer.variableByteInteger(row.id);
  (writer as AnyWriter)[row.type](value);
}
