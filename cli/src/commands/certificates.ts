import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { printDone } from '../row-list.js';

/**
 * Has certificates and keys of listeners read anew.
 * @param options node: where; everywhere by default
 * @returns the exit code: 1 when one of them is not good, and what was read before stays in use
 */
export function reloadCertificates(
  options: ApiCommandOptions & { readonly node?: string | undefined },
): Promise<number> {
  const { node } = options;
  return withManagementApi(options, async (api) => {
    const scope = node === undefined ? '' : `/nodes/${encodeURIComponent(node)}`;
    await api.put(`${scope}/certificates/reload`);
    printDone(options);
  });
}
