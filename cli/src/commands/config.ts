import { type ConfigSource, type ConfigValue, formatPath, formatSource, PorticoError } from '@portico/core';
import { loadPorticoConfig } from '../load-portico-config.js';
import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { type Output, Printer } from '../printer.js';
import { errorText, problemsText } from '../report.js';
import { printDone } from '../row-list.js';
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

/**
 * Gives a key another value in a hub that runs, now and for its next starts.
 * @param options value: as it would be written in the configuration file
 * @returns the exit code: 1 when it may not have that value, or cannot be changed at run time
 */
export function setConfig(
  options: ApiCommandOptions & { readonly key: string; readonly value: string },
): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.put(configPath(options.key), { value: settingOf(options.value) });
    printDone(options);
  });
}

/** Takes back what was changed of a key, or a section, at run time. @returns the exit code */
export function unsetConfig(options: ApiCommandOptions & { readonly key: string }): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(configPath(options.key));
    printDone(options);
  });
}

function configPath(key: string): string {
  return `/configs/${encodeURIComponent(key)}`;
}

/** What a text stands for in JSON, such as 20, true or ["allow all"]; the text itself where it is none. */
function settingOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
