import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { TextTable } from '../text-table.js';
import { done } from './config.js';

const COLUMNS: readonly (readonly [heading: string, text: (row: Row) => string])[] = [
  ['NAME', ({ identifier }) => String(identifier)],
  ['ADDRESS', ({ listen_on: address }) => String(address)],
  ['RUNNING', ({ running }) => (running === true ? 'yes' : 'no')],
  ['CONNECTIONS', ({ current_conns: now }) => String(now)],
  ['MAX', ({ max_conns: most }) => String(most)],
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
  const { json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const rows = await api.ofNodes('/listeners', 'listeners');
    const table = new TextTable(COLUMNS.map(([heading]) => heading));
    const text = () => table.lines(rows.map((row) => COLUMNS.map(([, cell]) => cell(row))));
    stdout.write(json ? `${JSON.stringify(rows, undefined, 2)}\n` : text());
    return 0;
  });
}

/** Does something with a listener. @param options name: full name @returns the exit code */
export function changeListener(
  options: ListenerOptions & { readonly action: ListenerAction },
): Promise<number> {
  const { name, action } = options;
  return withManagementApi(options, async (api) => {
    await api.put(`/listeners/${encodeURIComponent(name)}/${action}`);
    return done(options);
  });
}

/**
 * Adds a listener to a gateway, and opens it.
 * @param options name: full name; bind: where it listens
 * @returns the exit code
 */
export function addListener(options: ListenerOptions & { readonly bind: string }): Promise<number> {
  const { name, bind } = options;
  return withManagementApi(options, async (api) => {
    await api.post('/listeners', { name, bind });
    return done(options);
  });
}

/** Closes a listener that was added at run time, and forgets it. @returns the exit code */
export function removeListener(options: ListenerOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(`/listeners/${encodeURIComponent(options.name)}`);
    return done(options);
  });
}
