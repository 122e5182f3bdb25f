import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Composer,
  type CST,
  type Document,
  type ErrorCode,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type YAMLError,
  YAMLParseError,
} from 'yaml';
import type { ConfigProblem, ConfigSource } from './problem.js';

/** A YAML text that was read, with the way back from a position to its line. */
export interface YamlText {
  readonly document: Document.Parsed;
  /** @param offset characters from the start of the text */
  sourceAt(offset: number): ConfigSource;
  /** What is no YAML, or YAML that a configuration has no use for. Empty when all is well. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * Why each kind of error of the YAML parser happens, as an operator sees it. The parser's own messages are
 * not used: they repeat parts of the text, and these may be secrets.
 */
const REASONS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'a value cannot begin with *; write it in quotes',
  BAD_ALIAS: 'a value cannot begin with *; write it in quotes',
  BAD_COLLECTION_TYPE: 'a value cannot begin with !; write it in quotes',
  BAD_DIRECTIVE: 'a line cannot begin with %; write the value in quotes',
  BAD_DQ_ESCAPE: 'unknown escape after \\ in double quotes; use single quotes, or write \\\\ for a backslash',
  BAD_INDENT:
    'wrong indentation: the keys of one section begin in the same column, and [ and { need their ] and }',
  BAD_SCALAR_START: 'a value cannot begin with @, ` or %; write it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second key on the line, or a line below that is indented too far; a value with ": " in it needs quotes',
  BLOCK_IN_FLOW: 'indented keys or lists cannot stand between [ ] or { }',
  MISSING_CHAR: 'a character is missing: a quote, a bracket, a comma, or the space after a colon',
  MULTILINE_IMPLICIT_KEY: 'no ": " (colon and space) after the key',
  MULTIPLE_DOCS: 'a second document begins with ---; a configuration is one document',
  RESOURCE_EXHAUSTION: 'sections or lists are nested too deep',
  TAB_AS_INDENT: 'a tab in the indentation; YAML takes spaces only',
  TAG_RESOLVE_FAILED: 'a value cannot begin with !; write it in quotes',
  UNEXPECTED_TOKEN: 'unexpected text; a value with special characters (such as | > [ ] { } " #) needs quotes',
};

/** Names the place of a line and column, both counted from 1. */
export type SourceOf = (line: number, column: number) => ConfigSource;

/** Pieces of text that are read in a turn of the event loop: about a millisecond. */
const PIECES_IN_TURN = 100;

/** Reads YAML 1.2. Duplicate keys are left to the reader of the document, who knows their paths. */
export function parseYaml(text: string, sourceOf: SourceOf): YamlText {
  const reading = new YamlReading(text, sourceOf);
  while (reading.advance());
  return reading.result();
}

/** As {@link parseYaml}, while other things are done: a long text takes long. */
export async function parseYamlInTurns(text: string, sourceOf: SourceOf): Promise<YamlText> {
  const reading = new YamlReading(text, sourceOf);
  while (reading.advance()) await nextTurn();
  return reading.result();
}

/** A text that is being read. */
class YamlReading {
  readonly #sourceOf: SourceOf;
  readonly #length: number;
  readonly #lines = new LineCounter();
  readonly #parser = new Parser(this.#lines.addNewLine);
  readonly #pieces: Iterator<string>;
  readonly #tokens: CST.Token[] = [];

  constructor(text: string, sourceOf: SourceOf) {
    this.#sourceOf = sourceOf;
    this.#length = text.length;
    this.#lines.addNewLine(0);
    this.#pieces = new Lexer().lex(text);
  }

  /** Reads on. @returns whether there is more */
  advance(): boolean {
    for (let count = 0; count < PIECES_IN_TURN; count++) {
      const { done, value } = this.#pieces.next();
      this.#tokens.push(...(done ? this.#parser.end() : this.#parser.next(value)));
      if (done) return false;
    }
    return true;
  }

  result(): YamlText {
    const sourceAt = (offset: number): ConfigSource => {
      const { line, col } = this.#lines.linePos(offset);
      return this.#sourceOf(line, col);
    };
    const document = this.#compose();
    const problems = firstOfEachLine([...document.errors, ...document.warnings], this.#lines).map(
      (error) => ({
        source: sourceAt(beginOf(error, document)),
        path: [],
        reason: REASONS[error.code] ?? `not valid YAML (${error.code})`,
      }),
    );
    return { document, sourceAt, problems };
  }

  /** There is a document at the end of any text; a second one is an error of the first. */
  #compose(): Document.Parsed {
    const composer = new Composer({ prettyErrors: false, uniqueKeys: false });
    const [document, second] = composer.compose(this.#tokens, true, this.#length);
    if (document === undefined) throw new TypeError('a text without a document');
    if (second !== undefined) {
      const [begin, end] = second.range;
      document.errors.push(new YAMLParseError([begin, end], 'MULTIPLE_DOCS', ''));
    }
    return document;
  }
}

/** The parser stumbles on after an error; what else it finds on that line is a consequence. */
function firstOfEachLine(errors: readonly YAMLError[], lines: LineCounter): YAMLError[] {
  const seen = new Set<number>();
  return errors
    .toSorted((a, b) => a.pos[0] - b.pos[0])
    .filter((error) => {
      const { line } = lines.linePos(error.pos[0]);
      return !seen.has(line) && seen.add(line);
    });
}

/** An open quote is noticed at the end of the text: go back to where it was opened. */
function beginOf(error: YAMLError, document: Document.Parsed): number {
  let begin = error.pos[0];
  if (error.code !== 'MISSING_CHAR') return begin;
  visit(document, {
    Scalar(_, scalar) {
      const isQuoted = isScalar(scalar) && (scalar.type?.startsWith('QUOTE') ?? false);
      const [start, end] = scalar.range ?? [];
      if (isQuoted && start !== undefined && end === error.pos[0]) begin = start;
    },
  });
  return begin;
}
