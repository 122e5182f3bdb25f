import { type ChangeWarnings, type ConfigChange, LOG_LEVELS, type LogLevel, parsePath } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint } from '../endpoint.js';
import { changeOf, ofModule } from '../module-errors.js';
import { ApiError } from '../result-codes.js';
import { valueRow } from './modules.js';

const keyParams = z.object({
  key: z
    .string()
    .describe(
      'path: gateways.stomp.max_headers; a key with dots in double quotes: gateways.mqtt.mqueue_priorities."a.b"',
    ),
});

/** @throws ApiError when it is no path of keys: lists are changed as a whole */
function pathOf(key: string): readonly string[] {
  const path = parsePath(key);
  if (path?.every((step) => typeof step === 'string')) return path;
  const why = path === undefined ? 'is not the path of a key' : 'a list is changed as a whole';
  throw new ApiError('parameter_invalid', `${key}: ${why}`);
}

/** @throws ApiError when there is no value */
function valueGiven(path: readonly string[], value: unknown, name: string): ConfigChange {
  if (value === undefined) throw new ApiError('parameter_missing', `${name}: is missing`);
  if (value === null)
    throw new ApiError('parameter_invalid', `${name}: null is none; unset takes a change back`);
  return { path, value };
}

/** Changes keys of one section. */
async function changeAll({ modules, log }: ApiContext, changes: readonly ConfigChange[]) {
  const answer = await changeOf(async () => modules.change(changes));
  const isOfLog = changes.some(({ path: [section] }) => section === 'log');
  return isOfLog ? { ...answer, warnings: [...answer.warnings, ...idleFiles(log)] } : answer;
}

/** Files for levels that the level of the whole log lets nothing through of. */
function idleFiles({ handlers, primaryLevel }: ApiContext['log']): readonly string[] {
  return handlers
    .filter(({ id, started, level }) => id === `${level}.file` && started && isBelow(level, primaryLevel))
    .map(({ id, level }) => `log.${id} gets no line of level ${level}: log.level is ${primaryLevel}`);
}

function isBelow(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least);
}

/** The configuration of a hub that runs: `configs` of the API. */
export const configEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/configs',
    name: 'list_configs',
    descr:
      'Show the configuration: each key with its value, where that comes from, and when a change of it holds',
    failures: ['parameter_invalid'],
    data: z.array(answers.configRow),
    handle: ({ modules }) => ofModule(async () => (await modules.values()).map(valueRow)),
  }),
  endpoint({
    method: 'GET',
    path: '/configs/:key',
    name: 'get_config',
    descr: 'Show a key of the configuration, or those below it',
    failures: ['parameter_invalid', 'not_found'],
    data: z.array(answers.configRow),
    params: keyParams,
    handle: ({ modules }, { params: { key } }) =>
      ofModule(async () => {
        const values = await modules.values(pathOf(key));
        if (values.length === 0) throw new ApiError('not_found', `${key}: there is no such key with a value`);
        return values.map(valueRow);
      }),
  }),
  endpoint({
    method: 'PUT',
    path: '/configs',
    name: 'set_configs',
    descr:
      'Give several keys of one section other values at once: paths with values, as they would stand in the configuration file',
    body: z.record(z.string(), z.unknown()),
    warns: true,
    async handle(context, { body }) {
      const changes = Object.entries(body).map(([key, value]) => valueGiven(pathOf(key), value, key));
      if (changes.length === 0) throw new ApiError('parameter_missing', 'no key is given');
      const answer = await changeAll(context, changes);
      context.log.info({ keys: Object.keys(body).join(' ') }, 'configuration changed');
      return answer;
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/configs/reload',
    name: 'reload_configs',
    descr:
      'Take on all that the configuration file says by now. Data: the sections that have changed, the keys that need a restart, and why gateways go on as they were',
    failures: ['parameter_invalid'],
    data: answers.reloadOutcome,
    warns: true,
    async handle({ modules }) {
      let warnings: ChangeWarnings = [];
      const answer = await ofModule(async () => {
        const outcome = await modules.reloadAll();
        warnings = outcome.warnings;
        const faults = outcome.faults.map(({ message }) => message);
        return { changed: [...outcome.changed], pending: [...outcome.pending], faults };
      });
      return { ...answer, warnings };
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/configs/:key',
    name: 'set_config',
    descr: 'Give one key of the configuration another value, as it would stand in the configuration file',
    params: keyParams,
    body: z.strictObject({ value: z.unknown() }),
    warns: true,
    handle: (context, { params: { key }, body: { value } }) =>
      changeAll(context, [valueGiven(pathOf(key), value, 'value')]),
  }),
  endpoint({
    method: 'DELETE',
    path: '/configs/:key',
    name: 'unset_config',
    descr:
      'Take back what was changed of one key, or of a section: the configuration file, or the default, holds again',
    failures: ['parameter_invalid'],
    params: keyParams,
    warns: true,
    handle: (context, { params: { key } }) => changeAll(context, [{ path: pathOf(key), value: undefined }]),
  }),
];
