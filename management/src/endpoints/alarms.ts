import type { Alarm } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint, type ManagedHub, ofNodes } from '../endpoint.js';
import { ApiError } from '../result-codes.js';

/** An alarm with how long it has lasted, in microseconds as all its times. */
function alarmRow(alarm: Alarm, now: number): z.output<typeof answers.alarmRow> {
  const { activate_at, deactivate_at } = alarm;
  return { ...alarm, duration: (deactivate_at === 'infinity' ? now : deactivate_at) - activate_at };
}

const rows = ({ hub }: ApiContext, alarms: readonly Alarm[]) =>
  alarms.map((alarm) => alarmRow(alarm, hub.engine.clock.now() * 1000));

const active = (context: ApiContext) => rows(context, context.hub.alarms.active);
/** The one that was over last comes first. */
const past = (context: ApiContext) => rows(context, context.hub.alarms.past).reverse();

function forgetPast({ hub }: { readonly hub: ManagedHub }) {
  hub.alarms.forgetPast();
  return {};
}

/** What needs an operator, and what did: `alarms` of the API. */
export const alarmEndpoints: readonly Endpoint[] = [
  ...ofNodes({
    path: '/alarms',
    key: 'alarms',
    name: 'list_alarms',
    descr: 'Show the alarms',
    data: z.array(answers.alarmRow),
    tell: (context) => [...active(context), ...past(context)],
  }),
  ...ofNodes({
    path: '/alarms/activated',
    key: 'alarms',
    name: 'list_activated_alarms',
    descr: 'Show the alarms that are active',
    data: z.array(answers.alarmRow),
    tell: active,
  }),
  ...ofNodes({
    path: '/alarms/deactivated',
    key: 'alarms',
    name: 'list_deactivated_alarms',
    descr: 'Show the alarms that are over',
    data: z.array(answers.alarmRow),
    tell: past,
  }),
  endpoint({
    method: 'POST',
    path: '/alarms/deactivated',
    name: 'deactivate_alarm',
    descr: 'Say that an alarm is over',
    failures: ['not_found'],
    body: z.strictObject({
      node: z.string().describe('the node that it is of'),
      name: z.string().describe('its name'),
    }),
    audit: ['name'],
    handle({ hub, node }, { body }) {
      if (body.node !== node) throw new ApiError('not_found', `there is no node ${body.node}`);
      if (hub.alarms.deactivate(body.name)) return {};
      throw new ApiError('not_found', 'no alarm of that name is active');
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/alarms/deactivated',
    name: 'delete_deactivated_alarms',
    descr: 'Forget the alarms that are over',
    handle: forgetPast,
  }),
  endpoint({
    method: 'DELETE',
    path: '/nodes/:node/alarms/deactivated',
    name: 'delete_node_deactivated_alarms',
    descr: 'Forget the alarms of a node that are over',
    handle: forgetPast,
  }),
];
