import { type Endpoint, endpoint } from './endpoint.js';
import { alarmEndpoints } from './endpoints/alarms.js';
import { banEndpoints } from './endpoints/bans.js';
import { clientEndpoints } from './endpoints/clients.js';
import { nodeEndpoints } from './endpoints/nodes.js';
import { publishEndpoints } from './endpoints/publish.js';
import { routeEndpoints } from './endpoints/routes.js';
import { statisticsEndpoints } from './endpoints/statistics.js';
import { subscriptionEndpoints } from './endpoints/subscriptions.js';

/** Everything that the API can be asked for, below `/api/v4`. */
export const ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/',
    name: 'list_endpoints',
    descr: 'List what the API can be asked for',
    handle: () => ({
      data: ENDPOINTS.map(({ path, name, method, descr }) => ({ path, name, method, descr })),
    }),
  }),
  ...nodeEndpoints,
  ...clientEndpoints,
  ...subscriptionEndpoints,
  ...routeEndpoints,
  ...publishEndpoints,
  ...statisticsEndpoints,
  ...alarmEndpoints,
  ...banEndpoints,
];
