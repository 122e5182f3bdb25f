import {
  type ConfigSource,
  type ConfigValue,
  formatPath,
  formatSource,
  PorticoError,
} from '@portico/core/base';
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
    const values = loaded.values().filter(({ path }) => isAtOrBelow(formatPath(path), key));
    if (values.length === 0)
      throw new PorticoError('PORTICO_ERR_CONFIG', `${key}: there is no such key with a value`);
    await new Printer(stdout).print(json ? jsonText(values) : tableText(values, options.origin));
    return 0;
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    stderr.write(errorText(error));
    return 1;
  }
}

function isAtOrBelow(path: string, key: string | undefined): boolean {
  return key === undefined || path === key || path.startsWith(`${key}.`);
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
