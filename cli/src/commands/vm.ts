import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { printRow } from '../row-list.js';

/** What is told of the process, part by part, as the API names them; `all` for everything. */
export type VmPart = 'all' | 'load' | 'memory' | 'process' | 'io' | 'ports';

/** Shows what the process takes of the machine. @param options part: what of that @returns the exit code */
export function showVm(options: ApiCommandOptions & { readonly part: VmPart }): Promise<number> {
  const { part } = options;
  return withManagementApi(options, async (api) => {
    for (const { vm } of await api.rows('/vm')) {
      const all = vm as Row;
      printRow(options, part === 'all' ? all : { [part]: all[part] });
    }
  });
}
