import { PorticoError } from '@portico/core/base';
import {
  type ApiCommandOptions,
  type ManagementApi,
  type Row,
  withManagementApi,
} from '../management-api.js';
import { type Columns, printDone, printRows, textOf } from '../row-list.js';

const COLUMNS: Columns = [
  ['NAME', textOf('identifier')],
  ['ADDRESS', textOf('listen_on')],
  ['RUNNING', ({ running }) => (running === true ? 'yes' : 'no')],
  ['CONNECTIONS', textOf('current_conns')],
  ['MAX', textOf('max_conns')],
  ['ENDED', ({ shutdown_count: counts }) => endings(counts as readonly Record<string, number>[])],
];

/** `normal=3 kicked=1` */
function endings(counts: readonly Record<string, number>[]): string {
  return counts.flatMap((count) => Object.entries(count).map(([reason, n]) => `${reason}=${n}`)).join(' ');
}

/** What can be done with a listener. */
export type ListenerAction = 'start' | 'stop' | 'restart';

type ListenerOptions = ApiCommandOptions & { readonly name: string };

/** Lists listeners, as a table or as JSON. @returns the exit code */
export function listListeners(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, COLUMNS, await api.ofNodes('/listeners', 'listeners'));
  });
}

/**
 * Does something with a listener.
 * @param options name: full name, or its protocol where there is a port: `mqtt:tcp`
 * @returns the exit code
 */
export function changeListener(
  options: ListenerOptions & { readonly action: ListenerAction; readonly port?: string | undefined },
): Promise<number> {
  const { name: given, port, action } = options;
  return withManagementApi(options, async (api) => {
    const name = port === undefined ? given : await listenerAt(api, given, port);
    await api.put(`/listeners/${encodeURIComponent(name)}/${action}`);
    printDone(options);
  });
}

/**
 * The full name of the listener of a protocol at a port.
 * @param port `1883`, or with its address `127.0.0.1:1883`
 * @throws PorticoError when there is none, or more than one
 */
async function listenerAt(api: ManagementApi, protocol: string, port: string): Promise<string> {
  const rows = await api.ofNodes('/listeners', 'listeners');
  const names = rows
    .filter(({ listen_on: place }) => place === port || String(place).endsWith(`:${port}`))
    .filter((row) => speaks(row, protocol))
    .map(({ identifier }) => String(identifier));
  const [name, ...others] = names;
  if (name === undefined)
    throw new PorticoError('PORTICO_ERR_NOT_FOUND', `no listener ${protocol} is on port ${port}`);
  if (others.length === 0) return name;
  const question = `${names.join(', ')} are all on port ${port}: say which by its name`;
  throw new PorticoError('PORTICO_ERR_REQUEST', question);
}

/** Whether a listener has the name or protocol that somebody says: `mqtt:tcp`, `mqtt:ssl`, `mqtt:ws:8083`, `tcp`. */
function speaks({ identifier, protocol }: Row, said: string): boolean {
  const [gateway, transport] = String(identifier).split(':');
  return [identifier, protocol, `${gateway}:${transport}`, transport].includes(said);
}

/**
 * Adds a listener to a gateway, and opens it.
 * @param options name: full name; bind: where it listens
 * @returns the exit code
 */
export function addListener(options: ListenerOptions & { readonly bind: string }): Promise<number> {
  const { name, bind } = options;
  return withManagementApi(options, async (api) => {
    const listener = await api.post('/listeners', { name, bind });
    printDone(options, `listens on ${listener.listen_on}`);
  });
}

/** Closes a listener that was added at run time, and forgets it. @returns the exit code */
export function removeListener(options: ListenerOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(`/listeners/${encodeURIComponent(options.name)}`);
    printDone(options);
  });
}
