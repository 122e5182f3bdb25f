import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { payloadText } from '../payload-text.js';
import { type Columns, printPages, printRow, textOf } from '../row-list.js';
import { secondsText } from '../times.js';

const COLUMNS: Columns = [
  ['TOPIC', textOf('topic')],
  ['QOS', textOf('qos')],
  ['BYTES', textOf('payload_size')],
  ['PUBLISHED', ({ publish_at: time }) => secondsText(time)],
  ['EXPIRES', ({ expires_at: time }) => (time === 'infinity' ? 'never' : secondsText(time))],
  ['FROM', textOf('from_clientid')],
];

type FilterOptions = ApiCommandOptions & {
  /** Those whose topics it matches; all that do not begin with `$` without it. */
  readonly filter: string | undefined;
};

/** Lists retained messages. @returns the exit code: 1 when it is no filter */
export function listRetained(options: FilterOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printPages(options, COLUMNS, api.pages('/retained', { topic: options.filter }));
  });
}

/**
 * Shows the retained message of a topic: its payload, or with `json` all of it, the payload as Base64.
 * @returns the exit code: 1 when there is none
 */
export function showRetained(options: ApiCommandOptions & { readonly topic: string }): Promise<number> {
  return withManagementApi(options, async (api) => {
    const message = await api.value(`/retained/${encodeURIComponent(options.topic)}`);
    if (options.json) printRow(options, message);
    else options.stdout.write(`${payloadText(Buffer.from(String(message.payload), 'base64'))}\n`);
  });
}

/** Says how many topics have a retained message, those of the hub below `$SYS` included. @returns the exit code */
export function countRetained(options: ApiCommandOptions): Promise<number> {
  const { json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const stats = (await api.rows('/stats')).map((node) => node.stats as Readonly<Record<string, number>>);
    const total = stats.reduce((sum, node) => sum + (node['retained.count'] ?? 0), 0);
    stdout.write(json ? `{"total":${total}}\n` : `retained/total: ${total}\n`);
  });
}

/** Deletes retained messages, and says how many. @returns the exit code: 1 when it is no filter */
export function cleanRetained(options: FilterOptions): Promise<number> {
  const { filter, json, stdout } = options;
  const query = filter === undefined ? '' : `?${new URLSearchParams({ topic: filter })}`;
  return withManagementApi(options, async (api) => {
    const { deleted } = await api.delete(`/retained${query}`);
    stdout.write(
      json
        ? `{"deleted":${deleted}}\n`
        : `Cleaned ${deleted} retained ${deleted === 1 ? 'message' : 'messages'}\n`,
    );
  });
}
