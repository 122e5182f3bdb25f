/** Mapped to nothing, RFC 3454 table B.1. */
const IGNORED = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|[\u200B-\u200D]|\u2060|[\uFE00-\uFE0F]|\uFEFF/gu;

/** Mapped to a space, RFC 3454 table C.1.2; its U+200B is mapped to nothing before. */
const SPACES = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/gu;

/** What may not be in the result, by table of RFC 3454, without what has been mapped to nothing. */
const PROHIBITED: readonly RegExp[] = [
  // C.2.1 and C.2.2, control characters
  /[\p{Cc}\u06DD\u070F\u180E\u2028\u2029\u2061-\u2063\u206A-\u206F\uFFF9-\uFFFC]/u,
  /[\u{1D173}-\u{1D17A}]/u,
  // C.3, C.4 and C.5, private use, noncharacters, surrogates
  /[\p{Co}\p{Noncharacter_Code_Point}\p{Cs}]/u,
  // C.6 and C.7, inappropriate for plain text or canonical representation
  /[\uFFF9-\uFFFD\u2FF0-\u2FFB]/u,
  // C.8 and C.9, display properties and tags
  /[\u0340\u0341\u200E\u200F\u202A-\u202E\u{E0001}\u{E0020}-\u{E007F}]/u,
];

/**
 * A user name or password as it is compared: SASLprep, RFC 4013. Letters that look alike in other forms become
 * one (NFKC), spaces of all kinds a plain one. Two things are left out: the rules for text that runs from right to
 * left (RFC 3454 §6), and that the tables are those of Unicode 3.2 (normalization is that of today).
 *
 * @returns undefined for text that may not be one: empty, or with control characters and the like
 */
export function saslPrep(text: string): string | undefined {
  const prepared = text.replace(IGNORED, '').replace(SPACES, ' ').normalize('NFKC');
  return prepared === '' || PROHIBITED.some((characters) => characters.test(prepared)) ? undefined : prepared;
}
