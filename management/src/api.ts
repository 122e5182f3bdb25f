import { z } from 'zod';
import * as answers from './answers.js';
import { type Endpoint, endpoint, type ManagedHub } from './endpoint.js';
import { aclCacheEndpoints } from './endpoints/acl-cache.js';
import { alarmEndpoints } from './endpoints/alarms.js';
import { applicationEndpoints } from './endpoints/apps.js';
import { banEndpoints } from './endpoints/bans.js';
import { certificateEndpoints } from './endpoints/certificates.js';
import { clientEndpoints } from './endpoints/clients.js';
import { configEndpoints } from './endpoints/configs.js';
import { dataEndpoints } from './endpoints/data.js';
import { gatewayListEndpoints } from './endpoints/gateway-lists.js';
import { gatewayEndpoints } from './endpoints/gateways.js';
import { listenerEndpoints } from './endpoints/listeners.js';
import { logEndpoints } from './endpoints/log.js';
import { moduleEndpoints } from './endpoints/modules.js';
import { nodeEndpoints } from './endpoints/nodes.js';
import { proxySubscriptionEndpoints } from './endpoints/proxy-subscriptions.js';
import { publishEndpoints } from './endpoints/publish.js';
import { retainedEndpoints } from './endpoints/retained.js';
import { routeEndpoints } from './endpoints/routes.js';
import { statisticsEndpoints } from './endpoints/statistics.js';
import { subscriptionEndpoints } from './endpoints/subscriptions.js';
import { topicMetricsEndpoints } from './endpoints/topic-metrics.js';
import { traceEndpoints } from './endpoints/traces.js';
import { vmEndpoints } from './endpoints/vm.js';

/** Everything that the API of a hub can be asked for, below `/api/v4`. */
export function endpointsOf({ gateways }: Pick<ManagedHub, 'gateways'>): readonly Endpoint[] {
  return [...ENDPOINTS, ...gatewayListEndpoints(gateways.values())];
}

/** What there is whatever gateways there are. */
const ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/',
    name: 'list_endpoints',
    descr: 'List what the API can be asked for',
    data: z.array(answers.endpointRow),
    handle: ({ hub }) => ({
      data: endpointsOf(hub).map(({ path, name, method, descr }) => ({ path, name, method, descr })),
    }),
  }),
  ...nodeEndpoints,
  ...vmEndpoints,
  ...clientEndpoints,
  ...aclCacheEndpoints,
  ...subscriptionEndpoints,
  ...routeEndpoints,
  ...publishEndpoints,
  ...proxySubscriptionEndpoints,
  ...retainedEndpoints,
  ...statisticsEndpoints,
  ...topicMetricsEndpoints,
  ...traceEndpoints,
  ...alarmEndpoints,
  ...banEndpoints,
  ...applicationEndpoints,
  ...dataEndpoints,
  ...logEndpoints,
  ...listenerEndpoints,
  ...certificateEndpoints,
  ...moduleEndpoints,
  ...configEndpoints,
  ...gatewayEndpoints,
];
