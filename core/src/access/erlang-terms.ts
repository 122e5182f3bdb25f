/**
 * The part of Erlang's syntax that files of terms such as `acl.conf` are written in: atoms, strings, binaries,
 * tuples and lists, each term ended by a dot, comments from `%` to the end of the line.
 */

export type ErlangTerm =
  | { readonly kind: 'atom'; readonly text: string; readonly line: number }
  /** Also for binaries, `<<"…">>`. */
  | { readonly kind: 'string'; readonly text: string; readonly line: number }
  | { readonly kind: 'tuple'; readonly items: readonly ErlangTerm[]; readonly line: number }
  | { readonly kind: 'list'; readonly items: readonly ErlangTerm[]; readonly line: number };

/** What is wrong with a text, and in which line (the first is 1). */
export class ErlangSyntaxError extends Error {
  override readonly name = 'ErlangSyntaxError';
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

interface Token {
  readonly kind: 'atom' | 'string' | 'punctuation' | 'end';
  /** What it says; for punctuation the character itself. */
  readonly text: string;
  readonly line: number;
}

/** Tuples and lists within each other. */
const MAX_DEPTH = 32;

const CLOSING = { '{': '}', '[': ']' } as const;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  b: '\b',
  d: '\x7f',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  s: ' ',
  t: '\t',
  v: '\v',
};

/**
 * All terms of a text.
 *
 * @throws ErlangSyntaxError
 */
export function parseErlangTerms(text: string): ErlangTerm[] {
  const parser = new Parser(new Scanner(text));
  const terms: ErlangTerm[] = [];
  for (let term = parser.next(); term !== undefined; term = parser.next()) terms.push(term);
  return terms;
}

class Parser {
  readonly #scanner: Scanner;
  #token: Token;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#token = scanner.next();
  }

  /** The next term and its dot; undefined at the end of the text. */
  next(): ErlangTerm | undefined {
    if (this.#token.kind === 'end') return undefined;
    const term = this.#term(0);
    this.#expect('.');
    return term;
  }

  #term(depth: number): ErlangTerm {
    const token = this.#token;
    if (depth > MAX_DEPTH) throw new ErlangSyntaxError(token.line, 'too many brackets within each other');
    this.#advance();
    if (token.kind === 'atom' || token.kind === 'string') {
      return { kind: token.kind, text: token.text, line: token.line };
    }
    if (token.text === '{' || token.text === '[') {
      const items = this.#items(CLOSING[token.text], depth + 1);
      return { kind: token.text === '{' ? 'tuple' : 'list', items, line: token.line };
    }
    throw unexpected(token, 'a term');
  }

  #items(closing: string, depth: number): ErlangTerm[] {
    const items: ErlangTerm[] = [];
    if (this.#take(closing)) return items;
    for (;;) {
      items.push(this.#term(depth));
      if (this.#take(closing)) return items;
      this.#expect(',', closing);
    }
  }

  #take(character: string): boolean {
    const found = this.#token.kind === 'punctuation' && this.#token.text === character;
    if (found) this.#advance();
    return found;
  }

  #expect(character: string, ...others: string[]): void {
    if (this.#take(character)) return;
    throw unexpected(this.#token, [character, ...others].map((one) => `"${one}"`).join(' or '));
  }

  #advance(): void {
    this.#token = this.#scanner.next();
  }
}

function unexpected({ kind, text, line }: Token, wanted: string): ErlangSyntaxError {
  const found = kind === 'end' ? 'the file ends' : `there is ${JSON.stringify(text)}`;
  return new ErlangSyntaxError(line, `${found} where ${wanted} should be`);
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#skip(/(?:\s+|%[^\n]*)*/y);
    const line = this.#line;
    const character = this.#text[this.#at];
    if (character === undefined) return { kind: 'end', text: '', line };
    if (character === '"') return { kind: 'string', text: this.#quoted('"'), line };
    if (character === "'") return { kind: 'atom', text: this.#quoted("'"), line };
    if (this.#text.startsWith('<<', this.#at)) return { kind: 'string', text: this.#binary(), line };
    if ('{}[],.'.includes(character)) {
      this.#at++;
      return { kind: 'punctuation', text: character, line };
    }
    const atom = this.#skip(/[a-z][A-Za-z0-9_@]*/y);
    if (atom !== '') return { kind: 'atom', text: atom, line };
    throw new ErlangSyntaxError(line, `unexpected ${JSON.stringify(character)}`);
  }

  /** `<<"text">>` or `<<"text"/utf8>>` */
  #binary(): string {
    const line = this.#line;
    this.#skip(/<<\s*/y);
    if (this.#text[this.#at] !== '"') throw new ErlangSyntaxError(line, 'a binary holds one string');
    const text = this.#quoted('"');
    if (this.#skip(/\s*(?:\/\s*utf8\s*)?>>/y) === '') {
      throw new ErlangSyntaxError(line, 'a binary is <<"text">>');
    }
    return text;
  }

  #quoted(quote: string): string {
    const line = this.#line;
    let text = '';
    this.#at++;
    for (;;) {
      text += this.#skip(quote === '"' ? /[^"\\]*/y : /[^'\\]*/y);
      const character = this.#text[this.#at];
      this.#at++;
      if (character === quote) return text;
      if (character === undefined) throw new ErlangSyntaxError(line, `the closing ${quote} is missing`);
      text += this.#escape();
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at] ?? '';
    const character = ESCAPES[letter];
    if (character === undefined) throw new ErlangSyntaxError(this.#line, `"\\${letter}" is not understood`);
    this.#at++;
    return character;
  }

  /** Moves on behind what the sticky pattern matches here, and returns it; counts lines. */
  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    for (const character of found) if (character === '\n') this.#line++;
    return found;
  }
}
