import { PorticoError } from '@portico/core/base';
import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { type Columns, printPages, printRows, textOf } from '../row-list.js';

const COLUMNS: Columns = [
  ['TOPIC FILTER', textOf('topic')],
  ['NODE', textOf('node')],
];

/** Lists the topic filters that somebody is subscribed with. @returns the exit code */
export function listRoutes(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printPages(options, COLUMNS, api.pages('/routes', {}));
  });
}

/** Shows where somebody is subscribed with a topic filter. @returns the exit code: 1 when nobody is */
export function showRoute(options: ApiCommandOptions & { readonly topic: string }): Promise<number> {
  const { topic } = options;
  return withManagementApi(options, async (api) => {
    const rows = await api.rows(`/routes/${encodeURIComponent(topic)}`);
    if (rows.length === 0)
      throw new PorticoError('PORTICO_ERR_NOT_FOUND', `nobody is subscribed with "${topic}"`);
    await printRows(options, COLUMNS, rows);
  });
}
