/** What a time may be written with, and what it stands for. Numbers are digits of the fraction of a second. */
const DIRECTIVES: Readonly<Record<string, number | ((date: Date) => string)>> = {
  '%Y': (date) => String(date.getFullYear()),
  '%m': (date) => digits(date.getMonth() + 1),
  '%d': (date) => digits(date.getDate()),
  '%H': (date) => digits(date.getHours()),
  '%M': (date) => digits(date.getMinutes()),
  '%S': (date) => digits(date.getSeconds()),
  '%3N': 3,
  '%6N': 6,
  '%N': 9,
  '%z': (date) => offset(date, ''),
  '%:z': (date) => offset(date, ':'),
  '%::z': (date) => `${offset(date, ':')}:00`,
  '%%': () => '%',
};

/** Those, for people. */
export const TIME_DIRECTIVES = Object.keys(DIRECTIVES).join(' ');

/** What times look like unless something else is asked for: `2026-11-20 12:00:00.123`. */
export const DEFAULT_TIME_FORMAT = '%Y-%m-%d %H:%M:%S.%3N';

/** Names of formats, and what they stand for. */
const NAMED: Readonly<Record<string, string>> = { rfc3339: '%Y-%m-%dT%H:%M:%S.%3N%:z' };

/** A percent sign with what belongs to it, or text without one. */
const PIECE = /%(?:[36]?N|:{0,2}z|.|$)|[^%]+/gsu;

/** Whether {@link timeFormatter} knows all that stands in a format. */
export function isTimeFormat(format: string): boolean {
  return piecesOf(format).every((piece) => !piece.startsWith('%') || Object.hasOwn(DIRECTIVES, piece));
}

/**
 * Makes what writes times, in local time, all of a second from the same text.
 * @param format `rfc3339`, or text with {@link TIME_DIRECTIVES}
 * @returns of milliseconds since 1970
 */
export function timeFormatter(format: string): (time: number) => string {
  const pieces = piecesOf(format).map((piece) => DIRECTIVES[piece] ?? piece);
  let second = Number.NaN;
  let ofSecond: readonly (string | number)[] = [];
  return (time) => {
    const milliseconds = time % 1000;
    if (time - milliseconds !== second) {
      second = time - milliseconds;
      const date = new Date(second);
      ofSecond = pieces.map((piece) => (typeof piece === 'function' ? piece(date) : piece));
    }
    let text = '';
    for (const piece of ofSecond) text += typeof piece === 'string' ? piece : fraction(milliseconds, piece);
    return text;
  };
}

function piecesOf(format: string): readonly string[] {
  return (NAMED[format] ?? format).match(PIECE) ?? [];
}

function digits(value: number): string {
  return String(value).padStart(2, '0');
}

function fraction(milliseconds: number, length: number): string {
  return String(milliseconds).padStart(3, '0').padEnd(length, '0');
}

/** How far local time is ahead of UTC: `+0800`. */
function offset(date: Date, separator: string): string {
  const minutes = -date.getTimezoneOffset();
  const ahead = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${digits(Math.floor(ahead / 60))}${separator}${digits(ahead % 60)}`;
}
