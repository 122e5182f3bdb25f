import { type ChildProcess, spawn } from 'node:child_process';
import { PATIENCE } from './patience.js';
import { cleanEnvironment } from './portico.js';

/** A command-line tool under test conditions: a field engineer's client, run for real. */
export class Command {
  readonly #process: ChildProcess;
  readonly #line: string;
  #output = '';
  #ended = false;
  /** Looks again whether what is waited for has come. */
  #wake = () => {};

  constructor(program: string, ...args: string[]) {
    this.#line = [program, ...args].join(' ');
    this.#process = spawn(program, args, { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
    const gather = (chunk: Buffer) => {
      this.#output += chunk.toString();
      this.#wake();
    };
    this.#process.stdout?.on('data', gather);
    this.#process.stderr?.on('data', gather);
    this.#process.on('error', (error) => gather(Buffer.from(String(error))));
    this.#process.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Runs to the end. @returns all that it printed */
  static async run(program: string, ...args: string[]): Promise<string> {
    const command = new Command(program, ...args);
    await command.ended();
    return command.output;
  }

  /** A mosquitto_sub that prints topics and payloads, once its subscription is known to be in place. */
  static async subscriber(port: number, ...args: string[]): Promise<Command> {
    const options = ['-h', '127.0.0.1', '-p', String(port), '-d', '-v'];
    // Without stdbuf it would keep what it prints until it has some kilobytes.
    const command = new Command('stdbuf', '-oL', 'mosquitto_sub', ...options, ...args);
    await command.expect(/Subscribed/);
    return command;
  }

  /** Everything printed so far, on both outputs. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the output matches. */
  expect(pattern: RegExp): Promise<void> {
    return this.#until(() => pattern.test(this.#output), `did not print ${pattern}`);
  }

  ended(): Promise<void> {
    return this.#until(() => this.#ended, 'did not end');
  }

  /** Ends it if it still runs. */
  async stop(): Promise<void> {
    if (!this.#ended) this.#process.kill('SIGINT');
    await this.ended();
  }

  #until(condition: () => boolean, complaint: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => {
        this.#wake = () => {};
        reject(new Error(`${this.#line} ${complaint}; it printed:\n${this.#output}`));
      }, PATIENCE);
      this.#wake = () => {
        if (!condition()) return;
        this.#wake = () => {};
        clearTimeout(timeout);
        resolve();
      };
      this.#wake();
    });
  }
}
