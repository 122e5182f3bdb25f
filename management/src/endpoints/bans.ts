import { isIP } from 'node:net';
import { BAN_KINDS, type Ban, type Modules } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { durable } from '../durable.js';
import { type Endpoint, endpoint } from '../endpoint.js';
import { pageStream, pagingOf, pagingShape } from '../paging.js';
import { ApiError } from '../result-codes.js';

/** Seconds for which a ban holds that does not say until when. */
const DEFAULT_TIME = 300;

/** Seconds since 1970. */
const time = z.int().min(0).max(1e11);
const kind = z.enum(BAN_KINDS);

const banShape = {
  who: z.string().min(1).max(65_535).describe('the client id, user name or IP address'),
  as: kind.describe('which of these it is'),
  reason: z.string().max(1024).default('undefined').describe('for people'),
  by: z.string().max(256).default('user').describe('who says so'),
  at: time.optional().describe('since when, in seconds since 1970; now when it is not given'),
  until: z
    .union([time, z.literal('infinity')], 'seconds since 1970, or infinity')
    .optional()
    .describe('until when, in seconds since 1970; infinity for ever; in 5 minutes when it is not given'),
};

type Named = { readonly as: string; readonly who: string };

/** Whether who is banned by address is named by one. */
const isNamed = ({ as, who }: Named) => as !== 'peerhost' || isIP(who) !== 0;
const NOT_NAMED = { path: ['who'], error: 'must be an IP address' };

/** A ban as it is asked for. */
const requestedBan = z.strictObject(banShape).refine(isNamed, NOT_NAMED);

/** A ban in an export; those of other hubs may have more fields. */
export const banSchema = z.object(banShape).refine(isNamed, NOT_NAMED);

/** @param now milliseconds since 1970 */
export function banOf({ who, as, reason, by, at, until }: z.output<typeof banSchema>, now: number): Ban {
  const end = until ?? Math.floor(now / 1000) + DEFAULT_TIME;
  return {
    who,
    as,
    reason,
    by,
    at: at === undefined ? now : at * 1000,
    until: end === 'infinity' ? Number.POSITIVE_INFINITY : end * 1000,
  };
}

/** A ban as it is shown. */
export function banRow({ who, as, reason, by, at, until }: Ban): z.output<typeof answers.banRow> {
  const end = until === Number.POSITIVE_INFINITY ? 'infinity' : Math.floor(until / 1000);
  return { who, as, reason, by, at: Math.floor(at / 1000), until: end };
}

/** Listeners whose clients no ban keeps out. */
function unheeded(modules: Modules): readonly string[] {
  const open = modules.list().flatMap(({ runner }) => runner.policies);
  return open
    .filter(({ policy }) => !policy.checkBans)
    .map(({ listener }) => `${listener.name}: bans keep nobody out here: enable_ban is false`);
}

/** Who may not come in: `banned` of the API. */
export const banEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/banned',
    name: 'list_banned',
    descr: 'List bans',
    data: z.array(answers.banRow),
    query: z.object(pagingShape),
    handle(context, { query }) {
      const { engine } = context.hub;
      const bans = [...engine.bans.list()];
      const source = { items: bans, row: banRow, total: bans.length };
      return pageStream(source, pagingOf(query, context.config.max_row_limit), context);
    },
  }),
  endpoint({
    method: 'POST',
    path: '/banned',
    name: 'create_banned',
    descr: 'Ban a client id, a user name or an address, and disconnect whom it is on',
    data: answers.banRow,
    body: requestedBan,
    audit: ['as', 'who', 'until'],
    warns: true,
    async handle({ hub: { engine }, modules }, { body }) {
      const wanted = banOf(body, engine.clock.now());
      if (wanted.until <= engine.clock.now())
        throw new ApiError('parameter_invalid', 'until: is over already');
      const ban = engine.ban(wanted);
      if (ban === undefined) throw new ApiError('parameter_invalid', 'who: there are too many bans');
      await durable(engine.store);
      return { data: banRow(ban), warnings: unheeded(modules) };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/banned/:as/:who',
    name: 'delete_banned',
    descr: 'Lift a ban',
    failures: ['parameter_invalid', 'not_found'],
    params: z.object({ as: kind, who: z.string() }),
    async handle({ hub: { engine } }, { params }) {
      if (!engine.bans.remove(params.as, params.who)) throw new ApiError('not_found', 'there is no such ban');
      await durable(engine.store);
      return {};
    },
  }),
];
