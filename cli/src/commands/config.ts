import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRow, printRows, textOf } from '../row-list.js';

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

const VALUE_COLUMNS: Columns = [
  ['KEY', textOf('key')],
  ['VALUE', ({ value }) => (typeof value === 'string' ? value : JSON.stringify(value))],
  ['ORIGIN', textOf('origin')],
  ['APPLIES', textOf('applies')],
  ['PENDING', ({ pending, applies }) => (pending === true ? `needs a ${needs(applies)}` : '')],
];

function needs(applies: unknown): string {
  return applies === 'restart' ? 'restart' : 'reload';
}

/**
 * Shows the configuration of a hub that runs: where each value comes from, when a change of it holds, and what the hub does
 * not run by yet.
 * @param options key: this one, or those below it; all without. pending: only what the hub does not run by yet
 * @returns the exit code
 */
export function describeConfig(
  options: ApiCommandOptions & { readonly key: string | undefined; readonly pending?: boolean },
): Promise<number> {
  const { key, pending = false } = options;
  return withManagementApi(options, async (api) => {
    const values = await api.rows(key === undefined ? '/configs' : configPath(key));
    await printRows(options, VALUE_COLUMNS, pending ? values.filter((row) => row.pending === true) : values);
  });
}

/**
 * Has a hub that runs take on all that the configuration file says by now.
 * @returns the exit code: 1 when the file is wrong, or a gateway goes on as it was
 */
export async function reloadConfig(options: ApiCommandOptions): Promise<number> {
  let failed = false;
  const code = await withManagementApi(options, async (api) => {
    const outcome = await api.put('/configs/reload');
    failed = (outcome.faults as readonly string[]).length > 0;
    printRow(options, options.json ? outcome : outcomeText(outcome));
  });
  return failed ? 1 : code;
}

function outcomeText({ changed, pending, faults }: Row): Row {
  const text = (values: unknown) => (values as readonly string[]).join(' ');
  return {
    changed: text(changed) || 'nothing',
    ...(text(pending) !== '' && { 'needs a restart': text(pending) }),
    ...(text(faults) !== '' && { failed: (faults as readonly string[]).join('; ') }),
  };
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
