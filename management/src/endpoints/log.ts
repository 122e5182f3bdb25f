import { LOG_LEVELS, type LogHandler, PorticoError } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { type ApiContext, type Endpoint, endpoint, ofNodes } from '../endpoint.js';
import { ApiError } from '../result-codes.js';

const levelBody = z.strictObject({
  level: z.enum(LOG_LEVELS).describe('what is logged, and all that is worse'),
});

const params = z.object({ handler: z.string().describe('its id: console, file, error.file') });

function handlerOf({ log }: ApiContext, wanted: string): LogHandler {
  const found = log.handlers.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const there = log.handlers.map(({ id }) => id).join(', ');
  throw new ApiError('not_found', `there is no log handler ${wanted}; there are ${there}`);
}

function handlerRow(handler: LogHandler): z.output<typeof answers.logHandler> {
  const { id, level, destination, started, lost, fault } = handler;
  const status = started ? 'started' : 'stopped';
  return { id, level, destination, status, lost, ...(fault !== undefined && { fault }) };
}

function startHandler(handler: LogHandler): void {
  if (handler.started)
    throw new ApiError('already_started', `the log handler ${handler.id} is started already`);
  try {
    handler.start();
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    throw new ApiError('unavailable', error.message);
  }
}

async function stopHandler(handler: LogHandler): Promise<void> {
  if (!handler.started)
    throw new ApiError('already_stopped', `the log handler ${handler.id} is stopped already`);
  await handler.stop();
}

/** How much is logged, and where to: `log` of the API. What is set holds until the hub stops. */
export const logEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/log/level',
    name: 'get_log_level',
    descr: 'Show the log level: what is less important is not written anywhere',
    data: answers.logLevel,
    handle: ({ log }) => ({ data: { level: log.primaryLevel } }),
  }),
  endpoint({
    method: 'PUT',
    path: '/log/level',
    name: 'set_log_level',
    descr:
      'Set the log level, and that of all handlers but those for certain levels alone, until the hub stops or it is set again',
    body: levelBody,
    audit: ['level'],
    handle({ log }, { body }) {
      log.level = body.level;
      return {};
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/log/primary-level',
    name: 'set_primary_log_level',
    descr:
      'Set the log level, and leave those of the handlers, which still hold for what each of them writes',
    body: levelBody,
    audit: ['level'],
    handle({ log }, { body }) {
      log.primaryLevel = body.level;
      return {};
    },
  }),
  ...ofNodes({
    path: '/log/handlers',
    key: 'handlers',
    name: 'list_log_handlers',
    descr: 'Where the log goes',
    data: z.array(answers.logHandler),
    tell: ({ log }) => log.handlers.map(handlerRow),
  }),
  endpoint({
    method: 'PUT',
    path: '/log/handlers/:handler/level',
    name: 'set_log_handler_level',
    failures: ['not_found'],
    descr: 'Set what a handler writes of what the log level lets through, until the hub stops',
    params,
    body: levelBody,
    audit: ['level'],
    handle(context, { params: { handler }, body }) {
      handlerOf(context, handler).level = body.level;
      return {};
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/log/handlers/:handler/start',
    name: 'start_log_handler',
    failures: ['not_found', 'already_started'],
    descr: 'Have the log go there, until the hub stops',
    params,
    handle(context, { params: { handler } }) {
      startHandler(handlerOf(context, handler));
      return {};
    },
  }),
  endpoint({
    method: 'PUT',
    path: '/log/handlers/:handler/stop',
    name: 'stop_log_handler',
    failures: ['not_found', 'already_stopped'],
    descr: 'Have the log not go there any more, and let go of its file, until the hub stops',
    params,
    async handle(context, { params: { handler } }) {
      await stopHandler(handlerOf(context, handler));
      return {};
    },
  }),
];
