import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import {
  hashPassword,
  hashScramPassword,
  MAX_SCRAM_ITERATIONS,
  MIN_SCRAM_ITERATIONS,
  type ScramMechanism,
} from '@portico/core';
import { EXIT } from '../exit-codes.js';

export interface HashPasswordOptions {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** The mechanism for which `access.scram.users` has the hash; `access.users` when there is none. */
  readonly scram?: ScramMechanism | undefined;
  /** Of SCRAM; as few as it allows when it is not set. */
  readonly iterations?: number | undefined;
}

/**
 * Prints the hash of a password as `access.users` takes it, or `access.scram.users`. The password is the first
 * line of standard input; at a terminal it is asked for twice and not shown.
 * @returns the exit code: of failure when there is no password, or SCRAM does not take it
 */
export async function printPasswordHash(options: HashPasswordOptions): Promise<number> {
  const { scram, iterations = MIN_SCRAM_ITERATIONS } = options;
  if (!isIterations(iterations)) {
    options.stderr.write(`SCRAM takes ${MIN_SCRAM_ITERATIONS} to ${MAX_SCRAM_ITERATIONS} iterations\n`);
    return EXIT.usage;
  }
  const prompts = options.stdin.isTTY ? ['Password: ', 'Once more: '] : [''];
  const lines = await readLines(options, prompts);
  const [password] = lines;
  if (password === undefined || password === '' || lines.length < prompts.length) {
    options.stderr.write('no password was given\n');
    return 1;
  }
  if (lines.some((line) => line !== password)) {
    options.stderr.write('the two are not the same\n');
    return 1;
  }
  const hash = await (scram === undefined
    ? hashPassword(password)
    : hashScramPassword(scram, password, iterations));
  if (hash === undefined) {
    options.stderr.write('a password for SCRAM has no control characters (SASLprep)\n');
    return 1;
  }
  options.stdout.write(`${hash}\n`);
  return 0;
}

function isIterations(count: number): boolean {
  return Number.isInteger(count) && count >= MIN_SCRAM_ITERATIONS && count <= MAX_SCRAM_ITERATIONS;
}

/** Reads a line for each prompt, without an echo; fewer when the input ends or is interrupted. */
async function readLines(
  { stdin, stderr }: HashPasswordOptions,
  prompts: readonly string[],
): Promise<readonly string[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const input = createInterface({
    input: stdin,
    output: nowhere,
    terminal: stdin.isTTY ?? false,
    historySize: 0,
  });
  input.on('SIGINT', () => input.close());
  const lines = input[Symbol.asyncIterator]();
  const read: string[] = [];
  for (const prompt of prompts) {
    stderr.write(prompt);
    const { value, done } = await lines.next();
    if (prompt !== '') stderr.write('\n');
    if (done) break;
    read.push(value);
  }
  input.close();
  return read;
}
