import { randomBytes } from 'node:crypto';
import { StoreFailure } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApplicationSettings, newSecret } from '../applications.js';
import { applicationId, applicationSecret } from '../config.js';
import { type ApiContext, type Endpoint, endpoint } from '../endpoint.js';
import { ApiError } from '../result-codes.js';

const expired = z
  .union([z.int().min(0).max(1e11), z.literal('undefined')], 'seconds since 1970, or undefined')
  .transform((value) => (value === 'undefined' ? undefined : value))
  .describe('from when on it may not use the API any more, in seconds since 1970; undefined for never');

/** What is said of an application beside its id. */
export const settingsShape = {
  name: z.string().max(256).describe('for people'),
  desc: z.string().max(1024).describe('for people'),
  status: z.boolean().describe('whether it may use the API'),
  expired,
};

const creationSchema = z.strictObject({
  app_id: applicationId().optional().describe('its id; made when it is not given'),
  secret: applicationSecret().optional().describe('its secret; made when it is not given'),
  name: settingsShape.name.default(''),
  desc: settingsShape.desc.default(''),
  status: settingsShape.status.default(true),
  expired: expired.optional(),
});

const changeSchema = z.strictObject(settingsShape).partial();
const appParams = z.object({ appid: z.string() });

function appRow([id, { name, desc, status, expired }]: readonly [string, ApplicationSettings]): z.output<
  typeof answers.appRow
> {
  return { app_id: id, name, desc, status, expired: expired ?? 'undefined' };
}

function appOf({ applications }: ApiContext, id: string) {
  const found = applications.list().find(([listed]) => listed === id);
  if (found === undefined) throw new ApiError('not_found', 'there is no such application');
  return found;
}

/** @throws ApiError when there is none, or it is that of the configuration */
function demandChangeable(context: ApiContext, id: string): void {
  appOf(context, id);
  if (context.applications.isOwn(id))
    throw new ApiError('parameter_invalid', 'appid: the configuration says what this one may do');
}

/** @throws ApiError when an application would be shut out from the beginning */
function demandFuture({ hub }: ApiContext, expired: number | undefined): void {
  if (expired !== undefined && expired * 1000 <= hub.engine.clock.now())
    throw new ApiError('parameter_invalid', 'expired: is over already');
}

/** @throws ApiError (it rejects) when something cannot be made durable */
async function kept<Result>(written: Promise<Result>): Promise<Result> {
  try {
    return await written;
  } catch (error) {
    if (error instanceof StoreFailure) throw new ApiError('unavailable', error.message);
    throw error;
  }
}

async function create(context: ApiContext, body: z.output<typeof creationSchema>) {
  const { applications } = context;
  const { app_id: id = randomBytes(6).toString('hex'), secret = newSecret(), ...settings } = body;
  if (applications.has(id)) throw new ApiError('already_exists', 'there is such an application already');
  if (applications.full) throw new ApiError('parameter_invalid', 'app_id: there are too many applications');
  demandFuture(context, settings.expired);
  await kept(applications.create(id, secret, settings));
  return { data: { app_id: id, secret } };
}

/** What an update says; what it does not say stays. */
function changesOf(body: z.output<typeof changeSchema>): Partial<ApplicationSettings> {
  const { name, desc, status } = body;
  return {
    ...(name !== undefined && { name }),
    ...(desc !== undefined && { desc }),
    ...(status !== undefined && { status }),
    ...('expired' in body && { expired: body.expired }),
  };
}

/** Who may use the API: `apps` of the API. Secrets are shown when they are made, and never again. */
export const applicationEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/apps',
    name: 'list_apps',
    descr: 'List applications',
    data: z.array(answers.appRow),
    handle: ({ applications }) => ({ data: applications.list().map(appRow) }),
  }),
  endpoint({
    method: 'GET',
    path: '/apps/:appid',
    name: 'lookup_app',
    descr: 'Show an application',
    failures: ['not_found'],
    data: answers.appRow,
    params: appParams,
    handle: (context, { params }) => ({ data: appRow(appOf(context, params.appid)) }),
  }),
  endpoint({
    method: 'POST',
    path: '/apps',
    name: 'add_app',
    descr: 'Make an application; the answer has its secret',
    failures: ['already_exists'],
    data: answers.newApp,
    body: creationSchema,
    audit: ['app_id'],
    handle: (context, { body }) => create(context, body),
  }),
  endpoint({
    method: 'PUT',
    path: '/apps/:appid',
    name: 'update_app',
    descr: 'Change an application',
    failures: ['not_found'],
    params: appParams,
    body: changeSchema,
    audit: ['status', 'expired'],
    async handle(context, { params, body }) {
      demandChangeable(context, params.appid);
      demandFuture(context, body.expired);
      await kept(context.applications.update(params.appid, changesOf(body)));
      return {};
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/apps/:appid',
    name: 'delete_app',
    descr: 'Delete an application',
    failures: ['parameter_invalid', 'not_found'],
    params: appParams,
    async handle(context, { params }) {
      demandChangeable(context, params.appid);
      await kept(context.applications.remove(params.appid));
      return {};
    },
  }),
];
