import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printPages, textOf } from '../row-list.js';
import { clientOf } from './clients.js';

/** Which subscriptions to list; all without them. */
export interface SubscriptionConditions {
  /** The topic filter itself. */
  readonly topic?: string | undefined;
  /** A topic that the filter matches. */
  readonly match?: string | undefined;
  readonly qos?: string | undefined;
  /** Group of a shared subscription. */
  readonly share?: string | undefined;
}

type ClientOptions = ApiCommandOptions & { readonly clientId: string };

const COLUMNS: Columns = [
  ['CLIENT ID', textOf('clientid')],
  ['TOPIC FILTER', textOf('topic')],
  ['QOS', textOf('qos')],
];

/** Lists who is subscribed to what. @returns the exit code */
export function listSubscriptions(options: ApiCommandOptions & SubscriptionConditions): Promise<number> {
  const { topic, match: _match_topic, qos, share } = options;
  return withManagementApi(options, async (api) => {
    await printPages(options, COLUMNS, api.pages('/subscriptions', { topic, _match_topic, qos, share }));
  });
}

/** Lists the subscriptions of a client. @returns the exit code: 1 when there is no such client */
export function showSubscriptions(options: ClientOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    const path = `/subscriptions/${encodeURIComponent(options.clientId)}`;
    await printPages(options, COLUMNS, api.pages(path, {}), async () => {
      await clientOf(api, options.clientId);
    });
  });
}

/** Subscribes a client that is connected. @returns the exit code: 1 when it may not, or is not there */
export function addSubscription(
  options: ClientOptions & { readonly topic: string; readonly qos: string | undefined },
): Promise<number> {
  const { clientId: clientid, topic, qos = '0' } = options;
  return withManagementApi(options, async (api) => {
    await api.post('/mqtt/subscribe', { clientid, topic, qos: Number(qos) });
    printDone(options);
  });
}

/** Unsubscribes a client that is connected. @returns the exit code: 1 when it is not there */
export function removeSubscription(options: ClientOptions & { readonly topic: string }): Promise<number> {
  const { clientId: clientid, topic } = options;
  return withManagementApi(options, async (api) => {
    await api.post('/mqtt/unsubscribe', { clientid, topic });
    printDone(options);
  });
}
