import {
  base64,
  byte,
  characters,
  type Field,
  list,
  optional,
  type RecordField,
  record,
  type Shape,
  when,
  word,
} from '@portico/record';
import { controlCommand, controlParameter } from './control.js';
import { countedList, countOf } from './counted.js';
import { code, hex, hexSizeOf, seq, time, vin } from './fields.js';
import { Command, type Edition, type Gbt32960Header, ResponseFlag } from './frame.js';
import { infos } from './infos.js';
import { parameters } from './parameters.js';
import { SIGNATURE } from './signature.js';

/** What a command is called, and what its data have in each direction. */
export interface CommandRow {
  readonly name: string;
  /** Of the frame that asks. */
  readonly command: RecordField<Shape>;
  /** Of the frame that answers. */
  readonly response: RecordField<Shape>;
  /** {@link command} since 2025, where that is another. */
  readonly since2025?: RecordField<Shape>;
}

const ICCID = characters(20);
const BATTERY_CODE_SIZE = 24;

/** Codes of the subsystems for energy storage: `Num` of them, each of `Length` characters, one after the other. */
const batteryCodes: Field<string> = {
  type: 'STRING[Num × Length]',
  form: { kind: 'text', length: 'Num × Length' },
  read: (reader, { Num, Length }) => reader.take((Num as number) * (Length as number)).toString('latin1'),
  write(writer, value, { Num, Length }) {
    const size = (Num as number) * (Length as number);
    const bytes = typeof value === 'string' ? writer.text.encode(value) : undefined;
    if (bytes?.length !== size) throw writer.error(`${size} characters of ASCII are needed`);
    writer.put(bytes);
  },
};

const batteryCode = characters(BATTERY_CODE_SIZE);

/** For each battery management system the codes of its packs, as many as `BatteryPackCounts` says. */
const packCodes: Field<string[][]> = {
  type: 'STRING[24] …',
  form: { kind: 'derived' },
  compound: true,
  read: (reader, { BatteryPackCounts: counts }) =>
    (counts as number[]).map((count) => list(batteryCode, 'count').read(reader, { count })),
  write(writer, value, { BatteryPackCounts: counts }) {
    if (!Array.isArray(value)) throw writer.error('a list of lists is needed');
    for (const [index, codes] of value.entries()) {
      writer.enter(String(index));
      if (!Array.isArray(codes) || codes.length !== (counts as number[])[index]) {
        throw writer.error('as many codes as BatteryPackCounts says are needed');
      }
      list(batteryCode, 'count').write(writer, codes, {});
      writer.leave();
    }
  },
};

const nothing = record({});
const timeAlone = record({ Time: optional(time) });
const report = record({ Time: time, Infos: infos });
const logout = record({ Time: time, Seq: seq });

const vehicleLogin = record({
  Time: time,
  Seq: seq,
  ICCID,
  Num: byte,
  Length: byte,
  Id: batteryCodes,
});

const vehicleLogin2025 = record({
  Time: time,
  Seq: seq,
  ICCID,
  ...countedList('BmsNum', 'BatteryPackCounts', byte),
  BatteryPackEncodings: packCodes,
});

const platformLogin = record({
  Time: time,
  Seq: seq,
  Username: characters(12),
  Password: characters(20),
  Encrypt: byte,
});

const activation = record({
  Time: time,
  ChipID: characters(16),
  PubKeyLen: hexSizeOf('PubKey', word),
  PubKey: hex('PubKeyLen'),
  VIN: vin,
  Signature: record(SIGNATURE),
});

const keyExchange = record({
  KeyType: byte,
  KeyLength: hexSizeOf('Key', word),
  Key: hex('KeyLength'),
  ActiveTime: time,
  ExpireTime: time,
});

const parameterList = {
  Total: countOf('Params', byte),
  Params: parameters,
};

/** Whatever an answer tells; of parameters, terminals send all, some or none. */
const parameterResponse = record({
  Time: optional(time),
  Total: optional(parameterList.Total),
  Params: when((_edition, { Total }) => Total !== undefined, 'with Total', parameterList.Params),
});

function row(
  name: string,
  command: RecordField<Shape>,
  response: RecordField<Shape>,
  since2025?: RecordField<Shape>,
): CommandRow {
  return { name, command, response, ...(since2025 && { since2025 }) };
}

/** All commands of both editions (GB/T 32960.3-2016 §7 and B.3, 2025 B.3). */
export const COMMANDS: ReadonlyMap<number, CommandRow> = new Map([
  [Command.VehicleLogin, row('vehicle login', vehicleLogin, timeAlone, vehicleLogin2025)],
  [Command.RealTimeReport, row('real-time report', report, timeAlone)],
  [Command.Reissue, row('reissue', report, timeAlone)],
  [Command.VehicleLogout, row('vehicle logout', logout, timeAlone)],
  [Command.PlatformLogin, row('platform login', platformLogin, timeAlone)],
  [Command.PlatformLogout, row('platform logout', logout, timeAlone)],
  [Command.Heartbeat, row('heartbeat', nothing, timeAlone)],
  [Command.TimeSync, row('time synchronization', nothing, timeAlone)],
  [Command.Activation, row('activation', activation, timeAlone)],
  [Command.ActivationResponse, row('activation response', record({ Result: byte, Info: byte }), timeAlone)],
  [Command.KeyExchange, row('key exchange', keyExchange, timeAlone)],
  [
    Command.Query,
    row(
      'parameter query',
      record({ Time: time, ...countedList('Total', 'Ids', code(byte, 2, '0x')) }),
      parameterResponse,
    ),
  ],
  [Command.Setting, row('parameter setting', record({ Time: time, ...parameterList }), parameterResponse)],
  [
    Command.Control,
    row(
      'terminal control',
      record({ Time: time, Command: controlCommand, Param: controlParameter }),
      record({ Time: optional(time), Command: optional(controlCommand) }),
    ),
  ],
]);

/** Bytes as they are: of a command that is not known. */
const UNKNOWN = record({ Data: base64('rest') });

/** What the data of a frame have. */
export function recordOf(header: {
  readonly edition: Edition;
  readonly command: number;
  readonly response: Gbt32960Header['response'];
}): RecordField<Shape> {
  const found = COMMANDS.get(header.command);
  if (found === undefined) return UNKNOWN;
  if (header.response !== ResponseFlag.Command) return found.response;
  return header.edition === 2025 ? (found.since2025 ?? found.command) : found.command;
}
