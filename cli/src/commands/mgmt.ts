import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRow, printRows, textOf } from '../row-list.js';
import { secondsText } from '../times.js';

const COLUMNS: Columns = [
  ['APP ID', textOf('app_id')],
  ['NAME', textOf('name')],
  ['STATUS', statusOf],
  ['EXPIRES', ({ expired }) => (expired === 'undefined' ? 'never' : secondsText(expired))],
  ['DESCRIPTION', textOf('desc')],
];

/** `stopped`, or `expired` of one that has been so long, or `running`. */
function statusOf({ status, expired }: Row): string {
  if (status !== true) return 'stopped';
  return typeof expired === 'number' && expired * 1000 <= Date.now() ? 'expired' : 'running';
}

type AppOptions = ApiCommandOptions & { readonly id: string };

function appPath(id: string): string {
  return `/apps/${encodeURIComponent(id)}`;
}

/** Lists the applications that may use the API. @returns the exit code */
export function listApps(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, COLUMNS, await api.rows('/apps'));
  });
}

/** Makes an application and prints its secret, which is shown this once. @returns the exit code: 1 when there is one already */
export function insertApp(
  options: AppOptions & { readonly name: string; readonly desc?: string | undefined },
): Promise<number> {
  const { id, name, desc, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const made = await api.post('/apps', { app_id: id, name, desc });
    if (json) printRow(options, made);
    else stdout.write(`AppSecret: ${made.secret}\n`);
  });
}

/** Shows an application. @returns the exit code: 1 when there is none */
export function lookupApp(options: AppOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    printRow(options, await api.value(appPath(options.id)));
  });
}

/** Lets an application use the API, or not any more. @returns the exit code: 1 when there is none */
export function updateApp(options: AppOptions & { readonly status: string }): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.put(appPath(options.id), { status: options.status === 'start' });
    printDone(options, 'update successfully.');
  });
}

/** Deletes an application. @returns the exit code: 1 when there is none */
export function deleteApp(options: AppOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(appPath(options.id));
    printDone(options);
  });
}
