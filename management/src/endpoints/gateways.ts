import type { GatewayModule } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type Endpoint, endpoint, ofNodes } from '../endpoint.js';
import { listenerRow } from './listeners.js';
import { moduleOf, moduleRow } from './modules.js';

/** What is told of each gateway. */
function gatewayRow(module: GatewayModule): z.output<typeof answers.gatewayRow> {
  const { type: _type, active: _active, ...row } = moduleRow(module);
  return {
    ...row,
    current_conns: module.runner.connections,
    listeners: module.listeners.map(({ name }) => name),
  };
}

/** The protocols that are spoken: `gateways` of the API. They are enabled and disabled as modules. */
export const gatewayEndpoints: readonly Endpoint[] = [
  ...ofNodes({
    path: '/gateways',
    key: 'gateways',
    name: 'list_gateways',
    descr: 'Gateways',
    data: z.array(answers.gatewayRow),
    tell: ({ modules }) => modules.list().map(gatewayRow),
  }),
  endpoint({
    method: 'GET',
    path: '/gateways/:gateway',
    name: 'get_gateway',
    descr: 'Show a gateway with its listeners',
    failures: ['not_found'],
    data: answers.gatewayDetails,
    params: z.object({ gateway: z.string().describe('name of a gateway: mqtt, coap …') }),
    handle(context, { params: { gateway } }) {
      const module = moduleOf(context, gateway);
      const listeners = module.listeners.map((status) => listenerRow({ module, status }));
      return { data: { ...gatewayRow(module), listeners } };
    },
  }),
];
