import { formatAddress, type ListenerOfModule } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint, ofNodes } from '../endpoint.js';
import { changeOf, ofModule } from '../module-errors.js';
import { ApiError } from '../result-codes.js';

/** `mqtt:tcp`, `mqtt:ssl`, `mqtt:ws:8083`, `mqtt:wss:8084` */
function protocolOf(gateway: string, type: string, port: number): string {
  if (type === 'ws' || type === 'wss') return `${gateway}:${type}:${port}`;
  return `${gateway}:${type === 'tls' ? 'ssl' : type}`;
}

/** What is told of each listener: what the reference tells, and what else we know. */
export function listenerRow({ module, status }: ListenerOfModule): z.output<typeof answers.listenerRow> {
  const { name, bind, enabled, listener, maxConnections, endings } = status;
  const [gateway = '', transport = ''] = name.split(':');
  const address = listener?.address ?? bind;
  const { connections = 0, accepted = 0, refused = {} } = listener?.statistics ?? {};
  return {
    identifier: name,
    protocol: protocolOf(gateway, transport, address.port),
    listen_on: formatAddress(address),
    // The reference tells how many processes accept; here it is one thread, which does everything.
    acceptors: 1,
    current_conns: connections,
    max_conns: maxConnections,
    shutdown_count: Object.entries(endings).map(([reason, count]) => ({ [reason]: count })),
    gateway: module.name,
    enabled,
    running: listener !== undefined,
    accepted,
    refused,
  };
}

/** What is told of where the API itself listens, which is no listener of a gateway and has no actions. */
function apiListenerRow({ listener }: ApiContext): z.output<typeof answers.listenerRow> {
  const { name, address, connections, maxConnections, accepted, refused } = listener;
  const [, transport] = name.split(':');
  return {
    identifier: name,
    protocol: `${transport}:management`,
    listen_on: formatAddress(address),
    acceptors: 1,
    current_conns: connections,
    max_conns: maxConnections,
    shutdown_count: [],
    enabled: true,
    running: true,
    accepted,
    refused,
  };
}

const params = z.object({ listener: z.string().describe('full name: mqtt:tcp:default') });

function listenerOf({ modules, listener }: ApiContext, name: string): ListenerOfModule {
  if (name === listener.name) {
    const keys = 'management.enable, management.bind';
    throw new ApiError('parameter_invalid', `the API cannot close where it is asked itself; see ${keys}`);
  }
  const found = modules.listeners().find(({ status }) => status.name === name);
  if (found === undefined) throw new ApiError('not_found', `there is no listener ${name}`);
  return found;
}

/** @throws ApiError when it is stopped, or would not be opened with its gateway */
function demandEnabled({ status: { name, enabled } }: ListenerOfModule): void {
  if (!enabled) throw new ApiError('already_stopped', `the listener ${name} is stopped`);
}

const ACTIONS = {
  start: {
    failure: 'already_started',
    descr: 'Open a listener, now and whenever its gateway starts',
    act: ({ modules }: ApiContext, listener: ListenerOfModule) => {
      const { name, enabled, listener: open } = listener.status;
      if (enabled && open !== undefined)
        throw new ApiError('already_started', `the listener ${name} is open already`);
      return modules.enableListener(listener, true);
    },
  },
  stop: {
    failure: 'already_stopped',
    descr: 'Close a listener and end its connections; it stays closed until it is started again',
    act: ({ modules }: ApiContext, listener: ListenerOfModule) => {
      demandEnabled(listener);
      return modules.enableListener(listener, false);
    },
  },
  restart: {
    failure: 'already_stopped',
    descr: 'Close a listener with its connections, and open it again',
    act: ({ modules }: ApiContext, listener: ListenerOfModule) => {
      demandEnabled(listener);
      return modules.restartListener(listener);
    },
  },
} as const;

/** Where peers connect: `listeners` of the API. */
export const listenerEndpoints: readonly Endpoint[] = [
  ...ofNodes({
    path: '/listeners',
    key: 'listeners',
    name: 'list_listeners',
    descr: 'Listeners',
    data: z.array(answers.listenerRow),
    tell: (context) => [...context.modules.listeners().map(listenerRow), apiListenerRow(context)],
  }),
  endpoint({
    method: 'POST',
    path: '/listeners',
    name: 'create_listener',
    descr: 'Add a listener to a gateway, and open it',
    body: z.looseObject({
      name: z
        .string()
        .regex(/^\w+:\w+:[\w-]+$/, 'gateway, kind and id: stomp:tcp:second')
        .describe('full name: stomp:tcp:second; beside it the keys of the listener, such as bind'),
      bind: z.union([z.string(), z.int()], 'an address with a port, or a port').describe('127.0.0.1:61614'),
    }),
    data: answers.listenerRow,
    warns: true,
    audit: [['listener', 'name']],
    async handle(context, { body: { name, ...keys } }) {
      const { warnings } = await changeOf(async () => context.modules.addListener(name, keys));
      return { data: listenerRow(listenerOf(context, name)), warnings };
    },
  }),
  ...Object.entries(ACTIONS).flatMap(([word, { descr, failure, act }]) =>
    ['', '/nodes/:node'].map((scope) =>
      endpoint({
        method: 'PUT',
        path: `${scope}/listeners/:listener/${word}`,
        name: scope === '' ? `${word}_listener` : `${word}_node_listener`,
        descr: scope === '' ? descr : `${descr}, on one node`,
        failures: ['not_found', 'parameter_invalid', failure],
        params,
        warns: true,
        handle(context, { params: { listener: name } }) {
          const listener = listenerOf(context, name);
          return changeOf(async () => act(context, listener));
        },
      }),
    ),
  ),
  endpoint({
    method: 'DELETE',
    path: '/listeners/:listener',
    name: 'delete_listener',
    descr: 'Close a listener that was added at run time, and forget it',
    failures: ['parameter_invalid', 'not_found'],
    params,
    handle: (context, { params: { listener } }) =>
      ofModule(async () => void (await context.modules.removeListener(listenerOf(context, listener)))),
  }),
];
