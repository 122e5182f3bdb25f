import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { after } from 'node:test';
import type { TestApi } from '@portico/management/testing';
import { GATEWAYS } from './gateways.js';
import type { ApiCommandOptions } from './management-api.js';
import { inRoot } from './paths.js';

/** A configuration in which only the TCP gateway runs, on this port. */
export function tcpAlone(port: number): string {
  return alone('tcp', port);
}

/** A configuration in which only this gateway runs, over TCP on this port. */
export function alone(gateway: 'mqtt' | 'tcp', port: number): string {
  const others = GATEWAYS.filter(({ name }) => name !== gateway).map(
    ({ name }) => `  ${name}: { enable: false }\n`,
  );
  const listeners = `{ tcp: { default: { bind: 127.0.0.1:${port} } } }`;
  return `gateways:\n${others.join('')}  ${gateway}: { listeners: ${listeners} }\n`;
}

/** Runs `bin/portico` in a folder of its own; all of it is gone when the tests of a file are over. */
export class PorticoFolder {
  readonly directory = mkdtempSync(join(tmpdir(), 'portico-'));
  readonly #env: NodeJS.ProcessEnv;

  /** @param env what each hub has in its environment */
  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
    after(() => rmSync(this.directory, { recursive: true }));
  }

  /** The environment of a command. */
  environment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...this.#env, ...env };
  }

  /** Starts a hub with this configuration, which is in `portico.yaml` then. */
  start(yaml: string, env: NodeJS.ProcessEnv = {}) {
    const file = join(this.directory, 'portico.yaml');
    writeFileSync(file, yaml);
    return this.spawn(file, env);
  }

  spawn(file: string, env: NodeJS.ProcessEnv = {}) {
    const child = spawn(inRoot('bin', 'portico'), ['start', '-c', file], {
      cwd: this.directory,
      env: this.environment(env),
    });
    const ended = once(child, 'close');
    after(() => child.kill('SIGKILL'));
    const stderr: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
    const stdout = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextLine = async (): Promise<string> => (await stdout.next()).value;
    return { child, ended, stderr, nextLine };
  }
}

/** Runs a command of the API; the hub is found by its configuration unless the options say otherwise. */
export async function runCommand<Options extends ApiCommandOptions>(
  { dataDir }: Pick<TestApi, 'dataDir'>,
  command: (options: Options) => Promise<number>,
  options: Partial<ApiCommandOptions> & Omit<Options, keyof ApiCommandOptions>,
) {
  const written = { stdout: '', stderr: '' };
  const all = {
    file: undefined,
    env: { PORTICO_NODE__DATA_DIR: dataDir },
    url: undefined,
    app: undefined,
    secret: undefined,
    ca: undefined,
    json: false,
    stdout: new Writable({
      write(text, _, done) {
        written.stdout += text;
        done();
      },
    }),
    stderr: { write: (text: string) => (written.stderr += text) },
    ...options,
  };
  return { code: await command(all as unknown as Options), ...written };
}
