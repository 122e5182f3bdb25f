import { FrameError } from '@portico/frame';

/** A link of the CoRE link format (RFC 6690): an object or instance that a device has, and what it says of it. */
export interface Link {
  /** What stands between `<` and `>`: `/3/0`. */
  readonly target: string;
  /** By name, the first where there are several: `ver` → `1.1`; '' for one without a value. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** A link that was read. */
export interface ReadLink extends Link {
  /** As it was sent: `</3/0>;ver=1.1`. */
  readonly text: string;
}

/** What can be wrong with a text that is to be links. */
export type LinkErrorCode = 'malformed' | 'too_many' | 'too_large';

/** Most characters of a text of links. */
export const MAX_LINKS_LENGTH = 1 << 18;
/** Most links in a text. */
export const MAX_LINKS = 10_000;

/** `parmname` of RFC 6690 §2, and what may stand in a value without quotes (`ptoken`). */
const NAME = /[!#$&+\-.^_`|~*'%0-9A-Za-z]+/y;
const TOKEN = /[!#$%&'()*+\-./:<=>?@[\]^_`{|}~0-9A-Za-z]+/y;
const WHOLE_TOKEN = new RegExp(`^(?:${TOKEN.source})$`);
/** Optional white space, which devices send where RFC 6690 has none. */
const SPACE = /[ \t\r\n]*/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;

/**
 * Reads links as devices list them when they register and answer Discover: `</3/0>;ver=1.1,</5/0>`. A comma within
 * quotes, and one between the brackets, is none that separates links.
 * @throws FrameError with a {@link LinkErrorCode}; its offset counts characters
 */
export function parseLinks(text: string): ReadLink[] {
  if (text.length > MAX_LINKS_LENGTH) throw fault('too_large', 0, 'the links are too long');
  return new LinkReader(text).links();
}

function fault(code: LinkErrorCode, offset: number, reason: string): FrameError<LinkErrorCode> {
  return new FrameError(code, offset, reason);
}

class LinkReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  links(): ReadLink[] {
    const links: ReadLink[] = [];
    this.#match(SPACE);
    if (this.#at === this.#text.length) return links;
    do {
      if (links.length === MAX_LINKS) throw fault('too_many', this.#at, 'too many links');
      links.push(this.#link());
    } while (this.#skip(','));
    if (this.#at < this.#text.length) throw fault('malformed', this.#at, 'a link goes on behind its end');
    return links;
  }

  #link(): ReadLink {
    const start = this.#at;
    const close = this.#text.indexOf('>', start);
    if (this.#text[start] !== '<' || close < 0) throw fault('malformed', start, 'a link without a target');
    this.#at = close + 1;
    const attributes = new Map<string, string>();
    let end = this.#at;
    while (this.#skip(';')) {
      this.#attribute(attributes);
      end = this.#at;
    }
    return { text: this.#text.slice(start, end), target: this.#text.slice(start + 1, close), attributes };
  }

  #attribute(attributes: Map<string, string>): void {
    const name = this.#match(NAME)?.[0];
    if (name === undefined) throw fault('malformed', this.#at, 'an attribute without a name');
    const value = this.#text[this.#at] === '=' ? this.#value() : '';
    if (!attributes.has(name)) attributes.set(name, value);
  }

  #value(): string {
    this.#at++;
    const value = this.#match(QUOTED)?.[1]?.replace(/\\([\s\S])/g, '$1') ?? this.#match(TOKEN)?.[0];
    if (value === undefined) throw fault('malformed', this.#at, 'an attribute without its value');
    return value;
  }

  /** Whether a separator comes, with white space around it or not; if so, it is read. */
  #skip(separator: string): boolean {
    const before = this.#at;
    this.#match(SPACE);
    if (this.#text[this.#at] === separator) {
      this.#at++;
      this.#match(SPACE);
      return true;
    }
    // White space at the very end is read, too.
    if (this.#at < this.#text.length) this.#at = before;
    return false;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }
}

/** Links in the form that {@link parseLinks} reads, with quotes only where they are needed. */
export function formatLinks(links: readonly Link[]): string {
  return links.map(formatLink).join(',');
}

function formatLink({ target, attributes }: Link): string {
  let text = `<${target}>`;
  for (const [name, value] of attributes) {
    text += value === '' ? `;${name}` : `;${name}=${WHOLE_TOKEN.test(value) ? value : quoted(value)}`;
  }
  return text;
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
