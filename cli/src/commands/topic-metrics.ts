import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printRow, printRows, textOf } from '../row-list.js';

type TopicOptions = ApiCommandOptions & { readonly topic: string };

/** A number of a topic, by its name in the API. */
function numberOf(name: string): (row: Row) => string {
  return ({ metrics }) => String((metrics as Row)[name]);
}

const COLUMNS: Columns = [
  ['TOPIC', textOf('topic')],
  ['IN', numberOf('messages.in.count')],
  ['IN/S', numberOf('messages.in.rate')],
  ['OUT', numberOf('messages.out.count')],
  ['OUT/S', numberOf('messages.out.rate')],
  ['DROPPED', numberOf('messages.dropped.count')],
];

/** Lists the topics that are measured, with messages in, out and dropped, and how many a second. @returns the exit code */
export function listTopicMetrics(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printRows(options, COLUMNS, await api.rows('/topic-metrics'));
  });
}

/** Shows all numbers of a topic. @returns the exit code: 1 when it is not measured */
export function showTopicMetrics(options: TopicOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    printRow(options, await api.value(topicPath(options)));
  });
}

/** Measures a topic from now on. @returns the exit code: 1 when that is done already, or it is no topic */
export function addTopicMetrics(options: TopicOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.post('/topic-metrics', { topic: options.topic });
    printDone(options);
  });
}

/** Measures a topic no more. @returns the exit code: 1 when it was not measured */
export function removeTopicMetrics(options: TopicOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete(topicPath(options));
    printDone(options);
  });
}

/** Measures no topic any more. @returns the exit code */
export function removeAllTopicMetrics(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await api.delete('/topic-metrics');
    printDone(options);
  });
}

function topicPath({ topic }: TopicOptions): string {
  return `/topic-metrics/${encodeURIComponent(topic)}`;
}
