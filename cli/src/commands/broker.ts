import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { printRow, printRows, textOf } from '../row-list.js';

/** What is counted: counters since the start, or how many there are of things now and at most. */
export type Numbers = 'metrics' | 'stats';

/** Shows what runs: version, for how long, the time of day there. @returns the exit code */
export function showBroker(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    for (const broker of await api.rows('/brokers')) printRow(options, broker);
  });
}

/** Shows counters or statistics, in the order of their names. @param options like: part of the name @returns the exit code */
export function showNumbers(
  options: ApiCommandOptions & { readonly numbers: Numbers; readonly like?: string | undefined },
): Promise<number> {
  const { numbers, like = '', json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const rows = (await api.rows(`/${numbers}`))
      .flatMap((node) => Object.entries(node[numbers] as Readonly<Record<string, number>>))
      .filter(([name]) => name.includes(like))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]): Row => ({ name, value }));
    if (json)
      stdout.write(`${JSON.stringify(Object.fromEntries(rows.map(({ name, value }) => [name, value])))}\n`);
    else
      await printRows(
        options,
        [
          ['NAME', textOf('name')],
          ['VALUE', textOf('value')],
        ],
        rows,
      );
  });
}
