/** How text stands in the bytes of a peer. */
export interface TextCodec {
  readonly name: string;
  /** Never throws: bytes that are no text become U+FFFD. */
  decode(bytes: Buffer): string;
  /** @returns undefined when the text has characters that the encoding lacks */
  encode(text: string): Buffer | undefined;
}

/** UTF-8. */
export const UTF8: TextCodec = {
  name: 'utf8',
  decode: (bytes) => bytes.toString(),
  encode: (text) => Buffer.from(text),
};

/** ASCII; bytes above it are read as ISO 8859-1, and not written. */
export const ASCII: TextCodec = {
  name: 'ascii',
  decode: (bytes) => bytes.toString('latin1'),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what ASCII is.
  encode: (text) => (/^[\x00-\x7f]*$/.test(text) ? Buffer.from(text, 'latin1') : undefined),
};
