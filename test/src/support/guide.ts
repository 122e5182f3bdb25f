import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, Portico } from './portico.js';

/** A page of docs/ whose commands are run as its readers would, in a folder of their own. */
export class Guide {
  readonly #text: string;
  readonly #ports: Readonly<Record<string, string>>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'portico-guide-'));
  #portico: Portico | undefined;

  /**
   * @param page path below docs/
   * @param ports the listeners by the ports that the page gives them: commands with such a port need a hub, those
   *   without make files
   */
  constructor(page: string, ports: Readonly<Record<string, string>>) {
    this.#text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
    this.#ports = ports;
  }

  /** What the hub has printed so far. */
  get output(): string {
    return this.#portico?.output ?? '';
  }

  /** Makes the files, and starts a hub with the configuration of the page, on free ports. */
  async prepare(): Promise<void> {
    const making = this.#scripts().filter((script) => !this.#needsHub(script));
    assert.ok(making.length >= 4);
    for (const script of making) this.#shell(script);
    const [config = ''] = this.#blocks('yaml');
    const here = config
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:0')
      .replaceAll(/\b([\w-]+\.(?:txt|pem|key|crl))\b/g, (name) => join(this.#folder, name));
    this.#portico = await Portico.start({ config: here, allGateways: true });
  }

  /** Runs everything that needs the hub. */
  tryAll(): void {
    const trying = this.#scripts().filter((script) => this.#needsHub(script));
    assert.ok(trying.length >= 4);
    for (const script of trying) {
      for (const command of commandsOf(script)) this.#shell(this.#withRealPorts(command));
    }
  }

  async remove(): Promise<void> {
    await this.#portico?.stop();
    rmSync(this.#folder, { recursive: true });
  }

  #scripts(): string[] {
    return this.#blocks('sh');
  }

  /** The contents of the code blocks in that language. */
  #blocks(language: string): string[] {
    return [...this.#text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
      .filter(([, name]) => name === language)
      .map(([, , text]) => text ?? '');
  }

  #needsHub(script: string): boolean {
    return Object.keys(this.#ports).some((port) => script.includes(port));
  }

  #withRealPorts(command: string): string {
    let real = command;
    for (const [port, listener] of Object.entries(this.#ports)) {
      real = real.replaceAll(port, String(this.#portico?.port(listener)));
    }
    return real;
  }

  #shell(script: string): void {
    const options = { cwd: this.#folder, env: cleanEnvironment(), encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('bash', ['-ec', script], options);
    assert.equal(status, 0, `${script}\n${stdout}${stderr}`);
  }
}

/** One at a time: `bash -e` lets pass what fails behind a `!`. */
function commandsOf(script: string): string[] {
  return script.replaceAll('\\\n', ' ').trim().split('\n');
}
