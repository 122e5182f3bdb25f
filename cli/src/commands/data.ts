import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PorticoError } from '@portico/core/base';
import { type ApiCommandOptions, type ManagementApi, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRow, printRows, textOf } from '../row-list.js';

const COLUMNS: Columns = [
  ['FILE', textOf('filename')],
  ['BYTES', textOf('size')],
  ['MADE', textOf('created_at')],
];

/** Has the hub write what it was told at run time into a file of its own. @returns the exit code */
export function exportData(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    const file = await api.post('/data/export');
    if (options.json) printRow(options, file);
    else options.stdout.write(`The data has been exported to ${file.filename}.\n`);
  });
}

/** Lists the exports that the hub has. @returns the exit code */
export function listExports(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, COLUMNS, await api.rows('/data/export'));
  });
}

/**
 * Has the hub take in an export.
 * @param options source: a file here, or the name of an export that the hub has
 * @returns the exit code: 1 when it is neither
 */
export function importData(options: ApiCommandOptions & { readonly source: string }): Promise<number> {
  return withManagementApi(options, async (api) => {
    await importFrom(api, options.source);
    printDone(options, 'The data has been imported successfully.');
  });
}

async function importFrom(api: ManagementApi, source: string): Promise<void> {
  const text = await readFile(source, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && basename(source) === source) return undefined;
    throw new PorticoError('PORTICO_ERR_IMPORT', error.message);
  });
  await api.post('/data/import', text === undefined ? { filename: source } : parsed(source, text));
}

function parsed(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PorticoError('PORTICO_ERR_IMPORT', `${source}: is not JSON`);
  }
}
