import { fieldLines } from '../field-lines.js';
import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRow, printRows, textOf } from '../row-list.js';
import { TextTable } from '../text-table.js';

/** What can be done with a module, and the word that the API has for it: the reference's, where it has one. */
const WORDS = { enable: 'load', disable: 'unload', restart: 'restart', reload: 'reload' } as const;

export type ModuleAction = keyof typeof WORDS;

type ModuleOptions = ApiCommandOptions & { readonly name: string };

const MODULE_COLUMNS: Columns = [
  ['NAME', textOf('name')],
  ['STATE', textOf('state')],
  ['ENABLED', ({ enabled }) => (enabled === true ? 'yes' : 'no')],
  ['DESCRIPTION', textOf('description')],
  ['ERROR', ({ error }) => String(error ?? '')],
];

const GATEWAY_COLUMNS: Columns = [
  ['NAME', textOf('name')],
  ['STATE', textOf('state')],
  ['CONNECTIONS', textOf('current_conns')],
  ['LISTENERS', ({ listeners }) => (listeners as readonly string[]).join(' ')],
];

/** Lists modules, as a table or as JSON. @returns the exit code */
export function listModules(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, MODULE_COLUMNS, await api.ofNodes('/modules', 'modules'));
  });
}

/** Shows a module: its state, and its configuration with where each value comes from. @returns the exit code */
export function describeModule(options: ModuleOptions): Promise<number> {
  const { name, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const module = await api.value(`/modules/${encodeURIComponent(name)}`);
    stdout.write(json ? `${JSON.stringify(module, undefined, 2)}\n` : moduleText(module));
  });
}

function moduleText({ schema: _schema, configs, ...fields }: Row): string {
  const table = new TextTable(['KEY', 'VALUE', 'ORIGIN']);
  const rows = (configs as readonly Row[]).map(({ key, value, origin, pending }) => [
    String(key),
    typeof value === 'string' ? value : JSON.stringify(value),
    pending === true ? `${origin} (from the next reload on)` : String(origin),
  ]);
  return `${fieldLines(fields)}\n${table.lines(rows)}`;
}

/** Does something with a module. @returns the exit code: 1 when it cannot be done */
export function changeModule(options: ModuleOptions & { readonly action: ModuleAction }): Promise<number> {
  const { name, action } = options;
  return withManagementApi(options, async (api) => {
    await api.put(`/modules/${encodeURIComponent(name)}/${WORDS[action]}`);
    printDone(options);
  });
}

/** Lists gateways with their listeners and connections. @returns the exit code */
export function listGateways(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, GATEWAY_COLUMNS, await api.ofNodes('/gateways', 'gateways'));
  });
}

/** Shows a gateway with its listeners. @returns the exit code */
export function showGateway(options: ModuleOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    const gateway = await api.value(`/gateways/${encodeURIComponent(options.name)}`);
    const names = (gateway.listeners as readonly Row[]).map(({ identifier }) => identifier).join(' ');
    printRow(options, options.json ? gateway : { ...gateway, listeners: names });
  });
}
