import type { StompVersion } from './versions.js';

/** What stands for what in header names and values (STOMP 1.1 and 1.2, “Value Encoding”). */
const ESCAPES: { readonly [version in StompVersion]: Readonly<Record<string, string>> } = {
  '1.0': {},
  '1.1': { '\\\\': '\\', '\\c': ':', '\\n': '\n' },
  '1.2': { '\\\\': '\\', '\\c': ':', '\\n': '\n', '\\r': '\r' },
};

/** The same the other way round. */
const ESCAPED: { readonly [version in StompVersion]: ReadonlyMap<string, string> } = {
  '1.0': reversed(ESCAPES['1.0']),
  '1.1': reversed(ESCAPES['1.1']),
  '1.2': reversed(ESCAPES['1.2']),
};

function reversed(escapes: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(escapes).map(([escaped, plain]) => [plain, escaped]));
}

const ESCAPE_SEQUENCE = /\\[\s\S]?/g;
const SPECIAL = /[\\:\n\r]/;
const ALL_SPECIAL = /[\\:\n\r]/g;

/**
 * What a header's name or value stands for. STOMP 1.0 has no escaping.
 * @returns undefined when a backslash stands before something that the version does not know
 */
export function unescaped(text: string, version: StompVersion): string | undefined {
  if (version === '1.0' || !text.includes('\\')) return text;
  const known = ESCAPES[version];
  let unknown = false;
  const plain = text.replace(ESCAPE_SEQUENCE, (sequence) => {
    const character = known[sequence];
    unknown ||= character === undefined;
    return character ?? sequence;
  });
  return unknown ? undefined : plain;
}

/**
 * A header's name or value as it is written. What a version cannot write at all, such as a line feed in STOMP 1.0, is
 * left out: it would begin another header.
 */
export function escaped(text: string, version: StompVersion, isName: boolean): string {
  if (!SPECIAL.test(text)) return text;
  const sequences = ESCAPED[version];
  return text.replace(ALL_SPECIAL, (character) => {
    const sequence = sequences.get(character);
    if (sequence !== undefined) return sequence;
    const harmless = character === '\\' || (character === ':' && !isName);
    return harmless ? character : '';
  });
}
