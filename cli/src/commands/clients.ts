import { PorticoError } from '@portico/core/base';
import {
  type ApiCommandOptions,
  type ManagementApi,
  type Row,
  withManagementApi,
} from '../management-api.js';
import { type Columns, printDone, printPages, printRow, textOf } from '../row-list.js';

/** Which clients to list; all without them. */
export interface ClientConditions {
  readonly gateway?: string | undefined;
  readonly state?: string | undefined;
  readonly user?: string | undefined;
  /** Part of the client id. */
  readonly like?: string | undefined;
}

type ClientOptions = ApiCommandOptions & { readonly clientId: string };

const COLUMNS: Columns = [
  ['CLIENT ID', textOf('clientid')],
  ['GATEWAY', textOf('gateway')],
  ['STATE', textOf('state')],
  ['ADDRESS', addressOf],
  ['CONNECTED SINCE', ({ connected, connected_at: since }) => (connected === true ? String(since) : '-')],
];

function addressOf({ ip_address: host, port }: Row): string {
  const text = String(host);
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
}

/** Lists clients, as a table or as JSON. @returns the exit code: 1 when there is no such gateway */
export function listClients(options: ApiCommandOptions & ClientConditions): Promise<number> {
  const { gateway, state, user: username, like: _like_clientid } = options;
  return withManagementApi(options, async (api) => {
    const pages = api.pages('/clients', { gateway, state, username, _like_clientid });
    await printPages(options, COLUMNS, pages);
  });
}

function clientPath(clientId: string): string {
  return `/clients/${encodeURIComponent(clientId)}`;
}

/** Shows all that the hub knows of one client. @returns the exit code: 1 when there is no such client */
export function showClient(options: ClientOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    printRow(options, await clientOf(api, options.clientId));
  });
}

/** All that the hub knows of a client. @throws PorticoError (it rejects) when there is none of that id */
export async function clientOf(api: ManagementApi, clientId: string): Promise<Row> {
  const [client] = await api.rows(clientPath(clientId));
  if (client !== undefined) return client;
  throw new PorticoError('PORTICO_ERR_NOT_FOUND', `there is no client "${clientId}"`);
}

/** Ends connection and session of a client. @returns the exit code: 1 when there is no such client */
export function kickClient(options: ClientOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(clientPath(options.clientId));
    printDone(options);
  });
}
