import { PorticoError } from '@portico/core';
import { fieldLines } from '../field-lines.js';
import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { Printer } from '../printer.js';
import { TextTable } from '../text-table.js';

/** Which clients to list; all without them. */
export interface ClientConditions {
  readonly gateway?: string | undefined;
  readonly state?: string | undefined;
  readonly user?: string | undefined;
  /** Part of the client id. */
  readonly like?: string | undefined;
}

const COLUMNS: readonly (readonly [heading: string, text: (row: Row) => string])[] = [
  ['CLIENT ID', ({ clientid }) => String(clientid)],
  ['GATEWAY', ({ gateway }) => String(gateway)],
  ['STATE', ({ state }) => String(state)],
  ['ADDRESS', addressOf],
  ['CONNECTED SINCE', ({ connected, connected_at: since }) => (connected === true ? String(since) : '-')],
];

function addressOf({ ip_address: host, port }: Row): string {
  const text = String(host);
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
}

/** Lists clients, as a table or as JSON. @returns the exit code */
export function listClients(options: ApiCommandOptions & ClientConditions): Promise<number> {
  const { gateway, state, user: username, like: _like_clientid, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const pages = api.pages('/clients', { gateway, state, username, _like_clientid });
    const text = json ? jsonText() : tableText();
    const printer = new Printer(stdout);
    for await (const rows of pages) {
      if (!(await printer.print(text.page(rows)))) return 0;
    }
    await printer.print(text.end);
    return 0;
  });
}

/** Makes the text of a list, page by page. */
interface PageText {
  page(rows: readonly Row[]): string;
  readonly end: string;
}

function tableText(): PageText {
  const table = new TextTable(COLUMNS.map(([heading]) => heading));
  return { page: (rows) => table.lines(rows.map((row) => COLUMNS.map(([, text]) => text(row)))), end: '' };
}

/** An array with a row on each line. */
function jsonText(): PageText {
  let separator = '[\n';
  const line = (row: Row) => {
    const text = `${separator}${JSON.stringify(row)}`;
    separator = ',\n';
    return text;
  };
  return {
    page: (rows) => rows.map(line).join(''),
    get end() {
      return separator === ',\n' ? '\n]\n' : '[]\n';
    },
  };
}

/** Shows all that the hub knows of one client. @returns the exit code: 1 when there is no such client */
export function showClient(options: ApiCommandOptions & { readonly clientId: string }): Promise<number> {
  const { clientId, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const [client] = await api.rows(`/clients/${encodeURIComponent(clientId)}`);
    if (client === undefined) throw new PorticoError('PORTICO_ERR_REQUEST', 'there is no such client');
    stdout.write(json ? `${JSON.stringify(client)}\n` : fieldLines(client));
    return 0;
  });
}

/** Ends connection and session of a client. @returns the exit code: 1 when there is no such client */
export function kickClient(options: ApiCommandOptions & { readonly clientId: string }): Promise<number> {
  const { clientId, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    await api.delete(`/clients/${encodeURIComponent(clientId)}`);
    stdout.write(json ? '{"result":"ok"}\n' : 'ok\n');
    return 0;
  });
}
