import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { PorticoError } from '../runtime/errors.js';
import { fileReason } from '../runtime/file-reason.js';
import { isSettings, type Settings } from './environment.js';
import { Findings } from './findings.js';
import type { ConfigSource } from './problem.js';
import { Reader } from './reader.js';
import { schemaTree } from './schema-tree.js';
import { parseYaml, parseYamlInTurns, type YamlText } from './yaml-source.js';

/** A text of a configuration, and what is needed to make sense of it. */
export interface ConfigText {
  readonly schema: z.ZodType;
  readonly text: string;
  /** Name of the file that it comes from, as it is to be shown. */
  readonly file?: string | undefined;
  /** Paths that later versions will have: setting them gives a warning and nothing else. */
  readonly reserved?: readonly string[];
}

/** What a configuration file says: read once, and good for any number of checks. */
export class FileReading {
  readonly #settings: Settings | undefined;
  readonly #findings: Findings;

  private constructor({ schema, reserved = [] }: ConfigText, yaml: YamlText) {
    this.#findings = new Findings(reserved);
    this.#settings = this.#read(schema, yaml);
  }

  static of(text: ConfigText): FileReading {
    return new FileReading(text, parseYaml(text.text, sourceIn(text)));
  }

  /** As {@link of}, while other things are done. */
  static async inTurns(text: ConfigText): Promise<FileReading> {
    return new FileReading(text, await parseYamlInTurns(text.text, sourceIn(text)));
  }

  /**
   * What it says, and what came to light about it, for the caller to change.
   * @returns no settings when the text is no YAML, so that nothing in it can be relied on
   */
  copy(): { readonly settings: Settings | undefined; readonly findings: Findings } {
    return { settings: structuredClone(this.#settings), findings: this.#findings.copy() };
  }

  #read(schema: z.ZodType, yaml: YamlText): Settings | undefined {
    const findings = this.#findings;
    findings.problems.push(...yaml.problems);
    if (yaml.problems.length > 0) return undefined;
    const settings = new Reader(yaml, schemaTree(schema), findings).read([]);
    if (settings === undefined || isSettings(settings)) return settings ?? {};
    findings.report(yaml.sourceAt(0), [], 'keys and values are expected, such as "log:"');
    return {};
  }
}

function sourceIn({ file = 'configuration' }: ConfigText) {
  return (line: number, column: number): ConfigSource => ({ kind: 'file', file, line, column });
}

/** The text of a configuration file. @throws PorticoError `PORTICO_ERR_CONFIG_FILE` when it cannot be read */
export function readConfigFile(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw new PorticoError('PORTICO_ERR_CONFIG_FILE', `${file}: ${fileReason(cause)}`, { cause });
  }
}
