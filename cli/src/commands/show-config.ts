import {
  adviseOnPath,
  type ConfigSource,
  type ConfigValue,
  formatPath,
  formatSource,
  isWithin,
  type KeyPath,
  PorticoError,
  parsePath,
  schemaTree,
} from '@portico/core';
import { configSchema } from '../config-schema.js';
import { loadPorticoConfig } from '../load-portico-config.js';
import { type Output, Printer } from '../printer.js';
import { errorText, problemsText } from '../report.js';
import { TextTable } from '../text-table.js';

export interface ShowConfigOptions {
  /** As given with `-c`. */
  readonly file: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Which keys: this one, or those below it; all without. */
  readonly key: string | undefined;
  /** Whether to say where each value comes from. */
  readonly origin: boolean;
  readonly json: boolean;
  readonly stdout: Output;
  readonly stderr: { write(text: string): unknown };
}

/**
 * Shows the configuration as a hub would start with it, each key on a line. Nothing is started.
 * @returns the exit code: 0, or 1 when the configuration is wrong or there is no such key
 */
export async function showConfig(options: ShowConfigOptions): Promise<number> {
  const { file, env, key, json, stdout, stderr } = options;
  try {
    const loaded = loadPorticoConfig(file, env);
    if (!loaded.ok) {
      stderr.write(problemsText(loaded));
      return 1;
    }
    const asked = pathOf(key ?? '');
    const values = loaded.values().filter(({ path }) => isWithin(path, asked));
    if (values.length === 0) throw nothingAt(asked);
    await new Printer(stdout).print(json ? jsonText(values) : tableText(values, options.origin));
    return 0;
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    stderr.write(errorText(error));
    return 1;
  }
}

function pathOf(key: string): KeyPath {
  const path = parsePath(key);
  if (path === undefined)
    throw new PorticoError('PORTICO_ERR_CONFIG_KEY', `${key}: is not the path of a key`);
  return path;
}

/** There is no such key; or there is, and nobody has given it a value. */
function nothingAt(path: KeyPath): PorticoError {
  const advice = adviseOnPath(path, schemaTree(configSchema));
  return new PorticoError('PORTICO_ERR_CONFIG_KEY', advice ?? `${formatPath(path)}: has no value of its own`);
}

/** `data/runtime.yaml:6:13`, `PORTICO_LOG__LEVEL`, or `default`. */
function originText(source: ConfigSource | undefined): string {
  return source === undefined ? 'default' : formatSource(source);
}

function tableText(values: readonly ConfigValue[], withOrigin: boolean): string {
  const table = new TextTable(withOrigin ? ['KEY', 'VALUE', 'ORIGIN'] : ['KEY', 'VALUE']);
  return table.lines(
    values.map(({ path, value, source }) => [
      formatPath(path),
      typeof value === 'string' ? value : JSON.stringify(value),
      ...(withOrigin ? [originText(source)] : []),
    ]),
  );
}

function jsonText(values: readonly ConfigValue[]): string {
  const rows = values.map(({ path, value, source }) => ({
    key: formatPath(path),
    value,
    origin: originText(source),
  }));
  return `${JSON.stringify(rows, undefined, 2)}\n`;
}
