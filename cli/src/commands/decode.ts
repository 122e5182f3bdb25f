import { createReadStream, existsSync } from 'node:fs';
import type { Explainer } from '@portico/core';
import { EXIT } from '../exit-codes.js';
import { EXPLAINERS } from '../explainers.js';
import { frameText } from '../frame-text.js';

export interface DecodeOptions {
  /** Whose frames they are: `mqtt`, `jt808` … */
  readonly gateway: string;
  /** Hexadecimal, the name of a file, or `-` for standard input. */
  readonly source: string;
  /** What is spoken, where the bytes do not tell. */
  readonly version?: string | undefined;
  readonly json: boolean;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Most bytes that are read, 1 MiB. */
const MAX_SIZE = 1 << 20;

/** Of hexadecimal with blanks and 0x. */
const LONGEST_TEXT = 6 * MAX_SIZE;

/** What cannot be done, for whoever asked. */
class DecodeError extends Error {}

/** The command itself is wrong as it was written. */
class UsageError extends DecodeError {}

/**
 * Prints each frame found in some bytes with its fields, and what is wrong with them. Passwords and the like are shown.
 * @returns the exit code: 0; 1 when something is wrong with the bytes, or there are none; 2 for a gateway or version that there is not
 */
export async function decodeBytes(options: DecodeOptions): Promise<number> {
  const { version, json, stdout, stderr } = options;
  try {
    const explainer = await explainerOf(options);
    const frames = explainer.explain(await bytesOf(options), { version, showSecrets: true });
    if (frames.length === 0) throw new DecodeError('there is no frame');
    stdout.write(json ? `${JSON.stringify(frames)}\n` : frames.map(frameText).join('\n'));
    return frames.some(({ faults }) => faults.length > 0) ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    stderr.write(`${error.message}\nTry portico decode --help\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

async function explainerOf({ gateway, version }: DecodeOptions): Promise<Explainer> {
  const load = EXPLAINERS.get(gateway);
  if (load === undefined) {
    const names = [...EXPLAINERS.keys()].join(', ');
    throw new UsageError(`there is no gateway ${JSON.stringify(gateway)}: one of ${names}`);
  }
  const explainer = await load();
  const { versions } = explainer;
  if (version !== undefined && !versions.includes(version)) {
    const known = versions.length === 0 ? 'no --version' : `--version ${versions.toSorted().join(', ')}`;
    throw new UsageError(`${gateway} knows ${known}`);
  }
  return explainer;
}

async function bytesOf({ source, stdin }: DecodeOptions): Promise<Buffer> {
  if (source === '') throw new DecodeError('there are no bytes');
  if (ODD_HEX.test(source.replace(SEPARATORS, '')) && !existsSync(source))
    throw new DecodeError('a digit is missing: each byte has two');
  const bytes = hexBytes(source) ?? (await contentOf(source === '-' ? stdin : createReadStream(source)));
  const decoded = hexBytes(bytes.toString('latin1')) ?? bytes;
  if (decoded.length === 0) throw new DecodeError('there are no bytes');
  if (decoded.length > MAX_SIZE) throw tooMany();
  return decoded;
}

function tooMany(): DecodeError {
  return new DecodeError(`there are more than ${MAX_SIZE} bytes`);
}

const SEPARATORS = /0x|[\s:,]+/gi;
const HEX = /^(?:[0-9a-f]{2})+$/i;
const ODD_HEX = /^[0-9a-f](?:[0-9a-f]{2})*$/i;

/** The bytes that a text has in hexadecimal, with or without blanks, colons, commas and 0x between them. */
function hexBytes(text: string): Buffer | undefined {
  const digits = text.replace(SEPARATORS, '');
  return HEX.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

async function contentOf(input: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of input) {
      const bytes = Buffer.from(chunk as string);
      size += bytes.length;
      if (size > LONGEST_TEXT) throw tooMany();
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      throw new DecodeError(`neither hexadecimal nor a file that can be read: ${error.message}`);
    }
    throw error;
  }
  return Buffer.concat(chunks);
}
