import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRows, textOf } from '../row-list.js';
import { secondsText } from '../times.js';

const COLUMNS: Columns = [
  ['ACCESS', textOf('access')],
  ['TOPIC', textOf('topic')],
  ['RESULT', textOf('result')],
  ['SINCE', ({ updated_time: time }) => secondsText(Number(time) / 1000)],
];

/** Whose remembered decisions to forget: of a client, of the clients of a node, or of all. */
export type CacheOwner =
  | { readonly kind: 'client'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'all' };

/** Shows what a connected client has been allowed and denied lately. @returns the exit code: 1 when it is not there */
export function showAclCache(options: ApiCommandOptions & { readonly clientId: string }): Promise<number> {
  return withManagementApi(options, async (api) => {
    const rows = await api.rows(`/clients/${encodeURIComponent(options.clientId)}/acl_cache`);
    await printRows(options, COLUMNS, rows);
  });
}

/** Has access decisions made anew. @returns the exit code: 1 when there is no such client or node */
export function cleanAclCache(options: ApiCommandOptions & { readonly owner: CacheOwner }): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(cachePath(options.owner));
    printDone(options);
  });
}

/** Has the file of access rules read anew. @returns the exit code: 1 when it is not good, and the rules of before hold */
export function reloadAcl(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.put('/acl/reload');
    printDone(options);
  });
}

function cachePath(owner: CacheOwner): string {
  switch (owner.kind) {
    case 'client':
      return `/clients/${encodeURIComponent(owner.name)}/acl_cache`;
    case 'node':
      return `/node/${encodeURIComponent(owner.name)}/acl-cache`;
    case 'all':
      return '/acl-cache';
  }
}
