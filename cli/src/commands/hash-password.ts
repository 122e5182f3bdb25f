import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { hashPassword, hashScramPassword, type ScramMechanism } from '@portico/core';

export interface HashPasswordOptions {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** The mechanism for which `access.scram.users` has the hash; `access.users` when there is none. */
  readonly scram?: ScramMechanism | undefined;
}

/**
 * Prints the hash of a password as `access.users` takes it, or `access.scram.users`. The password is the first line of standard
 * input; at a terminal it is asked for twice and not shown.
 * @returns the exit code: 0, or 1 when there is no password
 */
export async function printPasswordHash(options: HashPasswordOptions): Promise<number> {
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
  const { scram } = options;
  const hash = scram === undefined ? await hashPassword(password) : await hashScramPassword(scram, password);
  if (hash === undefined) {
    options.stderr.write('a password for SCRAM has no control characters (SASLprep)\n');
    return 1;
  }
  options.stdout.write(`${hash}\n`);
  return 0;
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
