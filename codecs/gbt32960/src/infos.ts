import type { Field, RecordReader, RecordWriter, Siblings } from '@portico/record';
import type { InfoRow } from './info-row.js';
import { INFOS_2016 } from './infos-2016.js';
import { INFOS_2025 } from './infos-2025.js';
import { findSignature } from './signature.js';

/** One item of a report as it stands in JSON. */
export type Info = Readonly<Record<string, unknown>> & { readonly Type: string };

/** The `Type` of what has no meaning here. */
const CUSTOM = 'CustomData';

/** Types that whoever makes terminals defines; they carry their length (GB/T 32960.3-2016 §7.2.3.8). */
const CUSTOM_FROM = 0x80;
const CUSTOM_TO = 0xfe;

interface InfoTable {
  readonly byType: ReadonlyMap<number, InfoRow>;
  readonly byName: ReadonlyMap<unknown, InfoRow>;
}

function tableOf(byType: ReadonlyMap<number, InfoRow>): InfoTable {
  return { byType, byName: new Map(Array.from(byType.values(), (row) => [row.name, row])) };
}

const TABLE_2016 = tableOf(INFOS_2016);
const TABLE_2025 = tableOf(INFOS_2025);

function tableFor({ edition }: { readonly edition: number }): InfoTable {
  return edition >= 2025 ? TABLE_2025 : TABLE_2016;
}

/** What the items of a report have in an edition, by the name of their type. @returns undefined for custom data */
export function infoRow(edition: number, name: string): InfoRow | undefined {
  return tableFor({ edition }).byName.get(name);
}

/**
 * The items of a report, up to its end. Those that makers of terminals define are
 * `{"Type": "CustomData", "InfoType": 128, "Data": "<base64>"}`. An item that is not known tells not where the next
 * begins: all that is left, from the byte of its type on, stands as one without `InfoType`, with a fault. Of an item
 * that ends too soon stands what could be read, and what is left behind it in the same way. Since 2025 a signature is
 * found at the end of what is left, too.
 */
export const infos: Field<Info[]> = {
  type: 'items',
  form: { kind: 'derived' },
  compound: true,
  read(reader) {
    const found: Info[] = [];
    while (reader.left > 0) readInfo(reader, found);
    return found;
  },
  write(writer, value) {
    if (!Array.isArray(value)) throw writer.error('a list is needed');
    for (let index = 0; index < value.length; index++) {
      writer.enter(String(index));
      writeInfo(writer, value[index]);
      writer.leave();
    }
  },
};

function readInfo(reader: RecordReader, found: Info[]): void {
  const { at: start, depth } = reader;
  const { length: index } = found;
  reader.enter(INDEXES[index] ?? String(index));
  try {
    readKnown(reader, found);
    reader.leave();
  } catch (error) {
    reader.passOver(error, depth);
    if (reader.at <= start + TYPE_SIZE) {
      found.length = index;
      reader.at = start;
    }
    readRest(reader, found);
  }
}

/** What is left but for a signature, with which reading goes on. */
function readRest(reader: RecordReader, found: Info[]): void {
  const { bytes, at, end, edition } = reader;
  const signature = edition >= 2025 ? findSignature(bytes, at, end) : undefined;
  const size = (signature ?? end) - at;
  if (size > 0) found.push({ Type: CUSTOM, Data: reader.base64(size) });
}

const TYPE_SIZE = 1;

const INDEXES = Array.from({ length: 16 }, (_, index) => String(index));

function readKnown(reader: RecordReader, found: Info[]): void {
  const type = reader.u8();
  const row = tableFor(reader).byType.get(type);
  if (row !== undefined) {
    const item = { Type: row.name };
    found.push(item);
    row.record.readInto(reader, item);
    return;
  }
  if (type < CUSTOM_FROM || type > CUSTOM_TO) {
    reader.at--;
    throw reader.error('wrong_value', `type ${type} is not known`);
  }
  found.push({ Type: CUSTOM, InfoType: type, Data: reader.base64(reader.u16()) });
}

function writeInfo(writer: RecordWriter, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw writer.error('an object is needed');
  const item = value as Siblings;
  if (item.Type === CUSTOM) {
    writeCustom(writer, item);
    return;
  }
  const row = tableFor(writer).byName.get(item.Type);
  writer.field = 'Type';
  if (row === undefined) throw writer.error('a type of information is needed');
  writer.u8(row.type);
  row.record.write(writer, item, item);
}

function writeCustom(writer: RecordWriter, { InfoType: type, Data: data }: Siblings): void {
  if (type === undefined) {
    writeBase64(writer, data);
    return;
  }
  if (typeof type !== 'number' || !(type >= CUSTOM_FROM && type <= CUSTOM_TO)) {
    writer.field = 'InfoType';
    throw writer.error(`an integer from ${CUSTOM_FROM} to ${CUSTOM_TO} is needed`);
  }
  writer.u8(type);
  const at = writer.leaveRoom(2);
  writeBase64(writer, data);
  writer.patchSize(at, 2);
}

function writeBase64(writer: RecordWriter, data: unknown): void {
  writer.field = 'Data';
  if (typeof data !== 'string' || writer.base64(data) === undefined) throw writer.error('base64 is needed');
}
