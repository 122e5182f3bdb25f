import type { PacketReader } from './packet-reader.js';
import { type PropertiesOf, type PropertyCarrier, type PropertyRow, propertyRow } from './property-table.js';

/**
 * Reads the properties of `carrier`, MQTT 5 §2.2.2; undefined when there are none.
 * @throws MqttFault for a property that does not exist or belong there, that is repeated and must not be, or
 *   whose value is out of range, or that there are too many of
 */
export function readProperties<Carrier extends PropertyCarrier>(
  reader: PacketReader,
  carrier: Carrier,
): PropertiesOf<Carrier> | undefined {
  const length = reader.variableByteInteger();
  if (length === 0) return undefined;
  if (length > reader.remaining) throw reader.fault('malformed_packet', 'properties longer than the packet');
  const packetEnd = reader.end;
  reader.end = reader.position + length;
  const properties: Record<string, unknown> = {};
  while (reader.remaining > 0) readProperty(reader, carrier, properties);
  reader.end = packetEnd;
  return properties as PropertiesOf<Carrier>;
}

function readProperty(
  reader: PacketReader,
  carrier: PropertyCarrier,
  properties: Record<string, unknown>,
): void {
  const id = reader.variableByteInteger();
  const row = propertyRow(carrier, id);
  if (row === undefined) throw reader.fault('malformed_packet', `property ${id} in ${carrier}`);
  const value = reader[row.type]();
  if (typeof value === 'number') checkRange(reader, row, value);
  const earlier = properties[row.name];
  if (row.repeatable) {
    if (earlier === undefined) properties[row.name] = [value];
    else addTo(earlier as unknown[], value, reader, row);
    return;
  }
  if (earlier !== undefined) throw reader.fault('protocol_error', `${row.name} more than once`);
  properties[row.name] = value;
}

function addTo(values: unknown[], value: unknown, reader: PacketReader, row: PropertyRow): void {
  if (values.length === row.maximumCount) {
    throw reader.fault('quota_exceeded', `more than ${row.maximumCount} ${row.name}`);
  }
  values.push(value);
}

function checkRange(reader: PacketReader, row: PropertyRow, value: number): void {
  if (value < (row.minimum ?? 0) || value > (row.maximum ?? value)) {
    throw reader.fault(row.fault ?? 'protocol_error', `${row.name} ${value}`);
  }
}
