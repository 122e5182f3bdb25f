import type { AclCacheEntry } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint } from '../endpoint.js';
import { ofModule } from '../module-errors.js';
import { ApiError } from '../result-codes.js';

const clientParams = z.object({ clientid: z.string() });

/** What a connected client has been allowed and denied lately. */
function cacheOf({ hub }: ApiContext, clientId: string) {
  const attachment = hub.engine.sessions.get(clientId)?.attachment;
  if (attachment === undefined)
    throw new ApiError('client_not_online', `there is no client "${clientId}" connected`);
  return attachment.aclCache;
}

function entryRow({
  action,
  topic,
  allowed,
  decidedAt,
}: AclCacheEntry): z.output<typeof answers.aclCacheRow> {
  const result = allowed ? 'allow' : 'deny';
  return { access: action, topic, result, updated_time: Math.round(decidedAt) };
}

function clearAll({ hub }: ApiContext) {
  hub.engine.access.clearCaches();
  return {};
}

/** What access decisions are remembered, and what they are made by: `acl_cache` and `acl-cache` of the API, as the reference spells them. */
export const aclCacheEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/clients/:clientid/acl_cache',
    name: 'list_acl_cache',
    descr: 'Show what a connected client has been allowed and denied lately',
    failures: ['client_not_online'],
    data: z.array(answers.aclCacheRow),
    params: clientParams,
    handle: (context, { params }) => ({
      data: cacheOf(context, params.clientid).entries().map(entryRow),
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/clients/:clientid/acl_cache',
    name: 'clean_acl_cache',
    descr: 'Forget what a connected client has been allowed and denied',
    failures: ['client_not_online'],
    params: clientParams,
    handle(context, { params }) {
      cacheOf(context, params.clientid).clear();
      return {};
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/acl-cache',
    name: 'clean_acl_cache_all',
    descr: 'Forget what all clients have been allowed and denied',
    handle: clearAll,
  }),
  // The manual of the reference has the one path, the reference itself the other.
  ...(['node', 'nodes'] as const).map((word) =>
    endpoint({
      method: 'DELETE',
      path: `/${word}/:node/acl-cache`,
      name: `clean_acl_cache_${word}`,
      descr: 'Forget what the clients of a node have been allowed and denied',
      handle: clearAll,
    }),
  ),
  endpoint({
    method: 'PUT',
    path: '/acl/reload',
    name: 'reload_acl',
    descr: 'Read the file of access rules anew, and forget what all clients have been allowed and denied',
    failures: ['parameter_invalid'],
    handle: ({ hub, modules }) => ofModule(() => modules.inTurn(() => hub.reloadRules())),
  }),
];
