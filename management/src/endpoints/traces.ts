import { createReadStream } from 'node:fs';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { localTimeText, topicFilterError } from '@portico/core';
import { z } from 'zod';
import { type Endpoint, endpoint } from '../endpoint.js';
import { ApiError } from '../result-codes.js';
import { TRACE_TYPES } from '../traces/trace.js';
import { TRACE_NAME, type TraceView } from '../traces/traces.js';

const name = z.string().regex(TRACE_NAME, 'up to 64 letters, digits, _ and -');
const params = z.object({ name });

/** Seconds that a trace runs which does not say until when. */
const DEFAULT_TIME = 600;
/** Longest that one may run, 7 days. */
const MAX_TIME = 7 * 86_400;

/** Seconds since 1970. */
const time = z.int().min(0).max(1e11);

const body = z
  .strictObject({
    name: name.describe('also of its file'),
    type: z.enum(TRACE_TYPES).describe('what it is of'),
    condition: z.string().min(1).max(65_535).describe('the client id, the topic filter or the IP address'),
    start_at: time.optional().describe('from when, in seconds since 1970; now when it is not given, or past'),
    end_at: time.optional().describe('until when, in seconds since 1970; in 10 minutes when it is not given'),
  })
  .refine(({ type, condition }) => type !== 'ip_address' || isIP(condition) !== 0, {
    path: ['condition'],
    error: 'must be an IP address',
  });

const traceRow = z.object({
  name: z.string(),
  type: z.enum(TRACE_TYPES),
  condition: z.string(),
  status: z.string().describe('waiting, running, full or stopped'),
  start_at: z.string(),
  end_at: z.string(),
  log_size: z.number().describe('bytes'),
});

function rowOf({ name, type, condition, status, start, end, size }: TraceView) {
  const [start_at, end_at] = [localTimeText(new Date(start)), localTimeText(new Date(end))];
  return { name, type, condition, status, start_at, end_at, log_size: size };
}

/** What clients do, written into files: `trace` of the API. */
export const traceEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/trace',
    name: 'list_trace',
    descr: 'List traces',
    data: z.array(traceRow),
    handle: ({ traces }) => ({ data: traces.list.map(rowOf) }),
  }),
  endpoint({
    method: 'POST',
    path: '/trace',
    name: 'create_trace',
    descr: 'Write into a file what a client, an address or those of a topic do',
    failures: ['topic_invalid', 'already_exists'],
    data: traceRow,
    body,
    audit: ['name', 'type', 'condition'],
    handle({ traces, hub }, { body: { name, type, condition, start_at, end_at } }) {
      const wrong = type === 'topic' ? topicFilterError(condition) : undefined;
      if (wrong !== undefined) throw new ApiError('topic_invalid', `condition: ${wrong}`);
      const now = hub.engine.clock.now();
      const start = Math.max(now, (start_at ?? 0) * 1000);
      const end = end_at === undefined ? start + DEFAULT_TIME * 1000 : end_at * 1000;
      if (end <= start) throw new ApiError('parameter_invalid', 'end_at: is over before it begins');
      if (end - now > MAX_TIME * 1000)
        throw new ApiError('parameter_invalid', 'end_at: at most 7 days ahead');
      return { data: rowOf(traces.add({ name, type, condition, start, end })) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/trace/:name',
    name: 'lookup_trace',
    descr: 'Show a trace',
    failures: ['parameter_invalid', 'not_found'],
    data: traceRow,
    params,
    handle: ({ traces }, { params }) => ({ data: rowOf(traces.view(params.name)) }),
  }),
  endpoint({
    method: 'PUT',
    path: '/trace/:name/stop',
    name: 'stop_trace',
    descr: 'Write no more into a trace',
    failures: ['parameter_invalid', 'not_found'],
    data: traceRow,
    params,
    handle: async ({ traces }, { params }) => ({ data: rowOf(await traces.end(params.name)) }),
  }),
  endpoint({
    method: 'GET',
    path: '/trace/:name/download',
    name: 'download_trace',
    descr: 'The file of a trace: a line of JSON for each thing that has happened',
    failures: ['parameter_invalid', 'not_found'],
    whole: z.string(),
    params,
    handle({ traces }, { params }) {
      const { size } = traces.view(params.name);
      return size === 0 ? Readable.from(['']) : createReadStream(traces.path(params.name), { end: size - 1 });
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/trace',
    name: 'delete_all_trace',
    descr: 'Stop all traces, and delete them with their files',
    async handle({ traces }) {
      await Promise.all(traces.list.map(({ name }) => traces.remove(name)));
      return {};
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/trace/:name',
    name: 'delete_trace',
    descr: 'Stop a trace, and delete it with its file',
    failures: ['parameter_invalid', 'not_found'],
    params,
    async handle({ traces }, { params }) {
      await traces.remove(params.name);
      return {};
    },
  }),
];
