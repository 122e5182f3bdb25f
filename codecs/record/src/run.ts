import { compiled, propertyOf } from './compiled.js';
import type { Field, Siblings } from './field.js';

/**
 * The fields with which a record begins, as far as they are integers and digits that are always there. They are read and
 * written by straight code that is made of their description once: most of what devices send is that, and to look at
 * each field anew takes several times as long.
 */
export interface Run {
  /** How many fields it has. */
  readonly count: number;
  /** Bytes that they take. */
  readonly size: number;
  /** @param bytes has all of them from `at` on */
  read(into: Record<string, unknown>, bytes: Buffer, at: number): void;
  /**
   * @param bytes has room for all of them from `at` on
   * @returns false when a value is none that can be written as it is: the fields themselves tell what is wrong with it,
   *   or make it fit
   */
  write(value: Siblings, bytes: Buffer, at: number): boolean;
}

/** One field of a run. */
interface Member {
  readonly kind: 'integer' | 'bcd';
  /** Bytes. */
  readonly size: number;
  /** Bytes from the beginning. */
  readonly offset: number;
  /** How its property is named in code. */
  readonly property: string;
}

/** Fewer fields are not worth it. */
const FEWEST = 2;

/** @returns undefined when there are too few fields for one */
export function leadingRun(names: readonly string[], fields: readonly Field<unknown>[]): Run | undefined {
  const members: Member[] = [];
  let size = 0;
  for (const [index, { form, present }] of fields.entries()) {
    const length = form.kind === 'integer' ? form.size : form.kind === 'bcd' ? form.length : undefined;
    if (present !== undefined || typeof length !== 'number') break;
    const kind = form.kind as Member['kind'];
    members.push({ kind, size: length, offset: size, property: propertyOf(names[index] as string) });
    size += length;
  }
  if (members.length < FEWEST) return undefined;
  return { count: members.length, size, read: readerOf(members), write: writerOf(members) };
}

function readerOf(members: readonly Member[]): Run['read'] {
  const lines = members.map((member) => `into${member.property} = ${reading(member)};`);
  return compiled(['into', 'bytes', 'at'], lines) as Run['read'];
}

/** The expression that reads a field. */
function reading({ kind, size, offset }: Member): string {
  if (kind === 'bcd') return `hexOf(bytes, at + ${offset}, ${size})`;
  // A shift by 24 bits could make a negative number.
  const weights = size === 4 ? ['* 0x1000000', '<< 16', '<< 8', ''] : size === 2 ? ['<< 8', ''] : [''];
  const [first, ...others] = weights.map((weight, index) => `(bytes[at + ${offset + index}] ${weight})`);
  return others.length === 0 ? `${first}` : `${first} + (${others.join(' | ')})`;
}

function writerOf(members: readonly Member[]): Run['write'] {
  return compiled(['value', 'bytes', 'at'], [...members.flatMap(writing), 'return true;']) as Run['write'];
}

/** The statements that write a field. */
function writing({ kind, size, offset, property }: Member, index: number): string[] {
  const name = `v${index}`;
  const shifts = [24, 16, 8, 0].slice(-size);
  const isSound =
    kind === 'bcd'
      ? `typeof ${name} === 'string' && putHex(bytes, at + ${offset}, ${name}, ${size})`
      : `typeof ${name} === 'number' && ${name} >>> 0 === ${name}${size < 4 ? ` && ${name} < ${256 ** size}` : ''}`;
  return [
    `const ${name} = value${property};`,
    `if (!(${isSound})) return false;`,
    ...(kind === 'bcd' ? [] : shifts.map((shift, i) => `bytes[at + ${offset + i}] = ${name} >>> ${shift};`)),
  ];
}
