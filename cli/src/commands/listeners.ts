import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
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

/** Does something with a listener. @param options name: full name @returns the exit code */
export function changeListener(
  options: ListenerOptions & { readonly action: ListenerAction },
): Promise<number> {
  const { name, action } = options;
  return withManagementApi(options, async (api) => {
    await api.put(`/listeners/${encodeURIComponent(name)}/${action}`);
    printDone(options);
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
