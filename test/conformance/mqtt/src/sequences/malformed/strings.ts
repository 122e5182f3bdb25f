import { each, type Sequence, type Step, type Table } from '../../sequence.js';
import type { Version } from '../../spec/packets.js';
import { connects, gets, getsNothing, isClosed, isEnded, isRefused, opens, sends } from '../../steps.js';
import { connect, publish, subscribe, text, unsubscribe, varint } from '../../wire/write.js';

/** A place where a packet has a string. */
interface Field {
  readonly name: string;
  readonly since: Version;
  readonly inConnect?: true;
  /** Statements that this field has to be UTF-8. */
  readonly shows?: Readonly<Partial<Record<Version, readonly string[]>>>;
  readonly bytes: (version: Version, value: Buffer) => Buffer;
  /** What comes when the string is right. */
  readonly accepted: Step;
}

const connack = gets({ type: 'connack', code: 0 });

/** Properties of one string: identifier, and the string with its length. */
function stringProperty(id: number, value: Buffer): Buffer {
  return Buffer.concat([varint(id), text(value)]);
}

const FIELDS: readonly Field[] = [
  {
    name: 'the client identifier',
    shows: { 4: ['MQTT-3.1.3-4'], 5: ['MQTT-3.1.3-4'] },
    since: 3,
    inConnect: true,
    bytes: (version, clientId) => connect({ version, clientId }),
    accepted: connack,
  },
  {
    name: 'the user name',
    shows: { 4: ['MQTT-3.1.3-11'], 5: ['MQTT-3.1.3-12'] },
    since: 3,
    inConnect: true,
    bytes: (version, username) => connect({ version, username }),
    accepted: connack,
  },
  {
    name: 'the topic of a will',
    shows: { 4: ['MQTT-3.1.3-10'], 5: ['MQTT-3.1.3-11'] },
    since: 3,
    inConnect: true,
    bytes: (version, topic) => connect({ version, will: { topic } }),
    accepted: connack,
  },
  {
    name: 'the content type of a will',
    since: 5,
    inConnect: true,
    bytes: (version, value) => connect({ version, will: { properties: stringProperty(3, value) } }),
    accepted: connack,
  },
  {
    name: 'the topic of a PUBLISH',
    shows: { 4: ['MQTT-3.3.2-1'], 5: ['MQTT-3.3.2-1'] },
    since: 3,
    bytes: (version, topic) => publish({ version, topic }),
    accepted: getsNothing(),
  },
  {
    name: 'the content type of a PUBLISH',
    shows: { 5: ['MQTT-3.3.2-19'] },
    since: 5,
    bytes: (version, value) => publish({ version, properties: stringProperty(3, value) }),
    accepted: getsNothing(),
  },
  {
    name: 'the response topic of a PUBLISH',
    shows: { 5: ['MQTT-3.3.2-13'] },
    since: 5,
    bytes: (version, value) => publish({ version, properties: stringProperty(8, value) }),
    accepted: getsNothing(),
  },
  {
    name: 'the name of a user property',
    shows: { 5: ['MQTT-1.5.7-1'] },
    since: 5,
    bytes: (version, value) =>
      publish({ version, properties: Buffer.concat([stringProperty(38, value), text('v')]) }),
    accepted: getsNothing(),
  },
  {
    name: 'the value of a user property',
    shows: { 5: ['MQTT-1.5.7-1'] },
    since: 5,
    bytes: (version, value) =>
      publish({ version, properties: Buffer.concat([stringProperty(38, Buffer.from('n')), text(value)]) }),
    accepted: getsNothing(),
  },
  {
    name: 'a filter of a SUBSCRIBE',
    shows: { 4: ['MQTT-3.8.3-1'], 5: ['MQTT-3.8.3-1'] },
    since: 3,
    bytes: (version, filter) => subscribe({ version, filters: [[filter, 0]] }),
    accepted: gets({ type: 'suback', codes: [0] }),
  },
  {
    name: 'a filter of an UNSUBSCRIBE',
    shows: { 4: ['MQTT-3.10.3-1'], 5: ['MQTT-3.10.3-1'] },
    since: 3,
    bytes: (version, filter) => unsubscribe({ version, filters: [filter] }),
    accepted: gets({ type: 'unsuback' }),
  },
];

/** Bytes that are not UTF-8, MQTT 5 §1.5.4, MQTT 3.1.1 §1.5.3. */
const ILL_FORMED = {
  'a high surrogate': 'eda080',
  'a low surrogate': 'edbfbf',
  'an overlong NUL': 'c080',
  'an overlong slash': 'c0af',
  'a lone continuation byte': '80',
  'a character cut short': 'e282',
  'a code point beyond U+10FFFF': 'f4908080',
  'a byte that UTF-8 never has': 'ff',
} as const;

/** What a receiver may refuse. */
const DISCOURAGED = {
  'U+0001': '01',
  'U+001F': '1f',
  'U+007F': '7f',
  'U+009F': 'c29f',
  'U+FFFF': 'efbfbf',
} as const;

/** What it may not, and has to keep. */
const WELCOME = {
  'U+FEFF, the byte order mark': 'efbbbf',
  'U+2A6D4, four bytes': 'f0aa9b94',
  'U+FFFD, the replacement character': 'efbfbd',
} as const;

const UTF8 = { 3: [], 4: ['MQTT-1.5.3-1'], 5: ['MQTT-1.5.4-1'] } as const;
const NUL = { 3: [], 4: ['MQTT-1.5.3-2', 'MQTT-4.7.3-2'], 5: ['MQTT-1.5.4-2', 'MQTT-4.7.3-2'] } as const;
const NUL_OF_OTHERS = { 3: [], 4: ['MQTT-1.5.3-2'], 5: ['MQTT-1.5.4-2'] } as const;

/** The string between two letters. */
function between(hexDigits: string): Buffer {
  return Buffer.concat([Buffer.from('a'), Buffer.from(hexDigits, 'hex'), Buffer.from('z')]);
}

function refused(field: Field, version: Version, value: Buffer): Step[] {
  const bytes = sends(field.bytes(version, value));
  if (!field.inConnect) return [connects(), bytes, isEnded(0x81)];
  return [opens(), bytes, version === 5 ? isRefused(0x81) : isClosed()];
}

function taken(field: Field, version: Version, value: Buffer): Step[] {
  return [field.inConnect ? opens() : connects(), sends(field.bytes(version, value)), field.accepted];
}

/** A sequence for every field, every string and every version. */
function inEveryField(
  strings: Readonly<Record<string, string>>,
  what: string,
  steps: (field: Field, version: Version, value: Buffer) => Step[],
  shows: (version: Version, field: Field) => readonly string[],
  strict: boolean,
): Sequence[] {
  return FIELDS.flatMap((field) =>
    ([3, 4, 5] as const)
      .filter((version) => version >= field.since)
      .flatMap((version) =>
        Object.entries(strings).map(([name, digits]) => ({
          name: `${field.name} with ${name} ${what}`,
          version,
          shows: shows(version, field),
          config: { strict_mode: strict },
          steps: steps(field, version, between(digits)),
        })),
      ),
  );
}

/** Topic names and filters have a statement of their own about U+0000. */
function isTopic({ name }: Field): boolean {
  return name.includes('topic of') || name.includes('filter');
}

const nul = inEveryField(
  { 'U+0000': '00' },
  'is refused',
  refused,
  (version, field) => (isTopic(field) ? NUL : NUL_OF_OTHERS)[version],
  false,
);
const illFormed = inEveryField(
  ILL_FORMED,
  'is refused',
  refused,
  (version, field) => [...UTF8[version], ...(field.shows?.[version] ?? [])],
  true,
);
const discouraged = inEveryField(DISCOURAGED, 'is refused in strict mode', refused, () => [], true);
const tolerated = inEveryField(
  { ...ILL_FORMED, ...DISCOURAGED },
  'is taken without strict mode',
  taken,
  () => [],
  false,
);
const welcome = inEveryField(WELCOME, 'is taken', taken, () => [], true);

const BYTE_ORDER_MARK = Buffer.from('efbbbf61', 'hex');

/** MQTT 5 §1.5.4.3: U+FEFF is a character like any other. */
const byteOrderMark = each(
  'a topic that begins with U+FEFF comes out with it',
  { 4: ['MQTT-1.5.3-3'], 5: ['MQTT-1.5.4-3'] },
  (version) => [
    connects(),
    sends(subscribe({ version, filters: [['#', 0]] })),
    gets({ type: 'suback' }),
    sends(publish({ version, topic: BYTE_ORDER_MARK })),
    gets({ type: 'publish', topic: '\ufeffa' }),
  ],
);

/** UTF-8 in every field that has text. */
export const stringsTable: Table = {
  title: 'malformed: strings',
  sequences: [...nul, ...illFormed, ...discouraged, ...tolerated, ...welcome, ...byteOrderMark],
};
