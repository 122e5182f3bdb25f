import {
  type ChangeWarnings,
  formatPath,
  formatSource,
  type GatewayModule,
  jsonSchema,
  type WrittenValue,
} from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint, ofNodes } from '../endpoint.js';
import { changeOf, ofModule } from '../module-errors.js';
import { ApiError, type FailureName } from '../result-codes.js';

const params = z.object({ module: z.string().describe('name of a module: mqtt, coap …') });

/** What an operator can have done with a module. */
interface Action {
  readonly name: string;
  readonly descr: string;
  /** What it can fail by, beside what all can. */
  readonly failures: readonly FailureName[];
  readonly act: (context: ApiContext, module: GatewayModule) => Promise<ChangeWarnings>;
}

/** The words of the path, as the reference has them. */
const ACTIONS: Readonly<Record<string, Action>> = {
  load: {
    name: 'load_module',
    descr: 'Enable a module: it is started, now and whenever the hub is',
    failures: ['already_started'],
    act: ({ modules }, module) => {
      if (module.state === 'running')
        throw new ApiError('already_started', `the module ${module.name} runs already`);
      return modules.enable(module, true);
    },
  },
  unload: {
    name: 'unload_module',
    descr: 'Disable a module: its clients are told goodbye, their sessions stay for their time',
    failures: ['already_stopped', 'parameter_invalid'],
    act: ({ modules }, module) => {
      if (!module.enabled) throw new ApiError('already_stopped', `the module ${module.name} is not enabled`);
      return modules.enable(module, false);
    },
  },
  restart: {
    name: 'restart_module',
    descr: 'Stop a module and start it again',
    failures: ['already_stopped'],
    act: ({ modules }, module) => {
      if (!module.enabled) throw new ApiError('already_stopped', `the module ${module.name} is not enabled`);
      return modules.restart(module);
    },
  },
  reload: {
    name: 'reload_module',
    descr: 'Have a module take on what the configuration file says by now',
    failures: ['parameter_invalid'],
    act: ({ modules }, module) => modules.reload(module),
  },
};

/** @throws ApiError when there is none of that name */
export function moduleOf({ modules }: ApiContext, name: string): GatewayModule {
  const module = modules.get(name);
  if (module === undefined) throw new ApiError('not_found', `there is no module ${name}`);
  return module;
}

/** What is told of each module. */
export function moduleRow(module: GatewayModule): z.output<typeof answers.moduleRow> {
  const { name, definition, state, enabled, error } = module;
  return {
    name,
    title: definition.title,
    description: definition.description,
    type: 'protocol',
    active: state === 'running',
    enabled,
    state,
    error: error?.message ?? null,
  };
}

/** A key of the configuration with its value and where that comes from. */
export function valueRow({ path, value, source, pending, applies }: WrittenValue) {
  const origin = source === undefined ? 'default' : formatSource(source);
  return { key: formatPath(path), value, origin, pending, applies };
}

/** What can be loaded and unloaded while the hub runs: `modules` of the API, with their configuration. */
export const moduleEndpoints: readonly Endpoint[] = [
  ...ofNodes({
    path: '/modules',
    key: 'modules',
    name: 'list_modules',
    descr: 'Modules',
    data: z.array(answers.moduleRow),
    tell: ({ modules }) => modules.list().map(moduleRow),
  }),
  endpoint({
    method: 'GET',
    path: '/modules/:module',
    name: 'get_module',
    descr: 'Show a module: its state, its configuration with origins, and what may stand there',
    failures: ['not_found'],
    data: answers.moduleDetails,
    params,
    async handle(context, { params: { module: name } }) {
      const module = moduleOf(context, name);
      let configs: unknown[] = [];
      await ofModule(async () => {
        configs = (await context.modules.values(['gateways', module.name])).map(valueRow);
      });
      return { data: { ...moduleRow(module), configs, schema: jsonSchema(module.schema) } };
    },
  }),
  ...Object.entries(ACTIONS).flatMap(([word, { name, descr, failures, act }]) =>
    ['', '/nodes/:node'].map((scope) =>
      endpoint({
        method: 'PUT',
        path: `${scope}/modules/:module/${word}`,
        name: scope === '' ? name : name.replace('_', '_node_'),
        descr: scope === '' ? descr : `${descr}, on one node`,
        failures: ['not_found', ...failures],
        params,
        warns: true,
        handle(context, { params: { module: name } }) {
          const module = moduleOf(context, name);
          return changeOf(async () => act(context, module));
        },
      }),
    ),
  ),
  endpoint({
    method: 'PUT',
    path: '/modules/:module/configs',
    name: 'configure_module',
    descr:
      'Give keys of a module other values, as they would stand in the configuration file; the others stay',
    failures: ['not_found'],
    params,
    body: z.record(z.string(), z.unknown()),
    warns: true,
    handle(context, { params: { module: name }, body }) {
      moduleOf(context, name);
      const changes = Object.entries(body).map(([key, value]) => ({ path: ['gateways', name, key], value }));
      if (changes.length === 0) throw new ApiError('parameter_missing', 'no key is given');
      return changeOf(async () => context.modules.change(changes));
    },
  }),
];
