import type { Readable } from 'node:stream';
import type {
  Alarms,
  CarriedTraffic,
  Engine,
  Gateway,
  GatewayDefinition,
  Listener,
  Logger,
  MaybePromise,
  Metrics,
  Modules,
  PeerAddress,
  PorticoError,
  RootLogger,
  WireTap,
} from '@portico/core';
import { issueWords } from '@portico/core';
import { z } from 'zod';
import type { ApiListener } from './api-listener.js';
import type { Applications } from './applications.js';
import type { ManagementConfig } from './config.js';
import type { Cursors } from './cursors.js';
import type { DataFolder } from './data-folder.js';
import type { GatewayTraffic } from './prometheus/gateway-traffic.js';
import { ApiError, type FailureName } from './result-codes.js';
import type { TopicMetrics } from './topic-metrics.js';
import type { Traces } from './traces/traces.js';
import type { Turns } from './turns.js';

/** A gateway, and what it runs as: one for each zone. */
export interface ManagedGateway {
  readonly definition: Pick<GatewayDefinition, 'lists' | 'states'>;
  readonly instances: readonly Pick<Gateway<unknown, unknown>, 'lists'>[];
  /** What its connections have carried: those that are gone together, each of the others by itself. */
  readonly traffic: { readonly past: CarriedTraffic; readonly present: Iterable<CarriedTraffic> };
  /** How many of its connections have ended since the hub started, by full name of their listener and by reason. */
  readonly endings: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** What is managed: the part of a hub that is looked at. */
export interface ManagedHub {
  readonly engine: Engine;
  readonly metrics: Metrics;
  readonly alarms: Alarms;
  readonly wire: WireTap;
  readonly listeners: readonly Listener[];
  /** All there are, by name, whether they run or not. */
  readonly gateways: ReadonlyMap<string, ManagedGateway>;
  /** Whether what it shows is complete: it has started and is not stopping. */
  readonly running: boolean;
  /** Has listeners read certificates anew. @returns what was not good, which has been logged */
  reloadCertificates(): Promise<readonly PorticoError[]>;
  /** Reads the file of access rules anew, to be called in turn with changes. @throws PorticoError when it is not good */
  reloadRules(): Promise<void>;
}

/** The logger of the hub, whose levels and handlers can be changed at any time. */
export interface HubLog extends Logger, Pick<RootLogger, 'level' | 'primaryLevel' | 'handlers'> {}

/** What endpoints work with. */
export interface ApiContext {
  readonly hub: ManagedHub;
  readonly modules: Modules;
  /** Of now: it may be another at any time. */
  config: ManagementConfig;
  /** Where the API itself listens. */
  readonly listener: ApiListener;
  /** Name of this node: `portico@127.0.0.1`. */
  readonly node: string;
  /** `1.2.3` */
  readonly version: string;
  /** `clock.monotonic()` when the hub was started. */
  readonly startedAt: number;
  readonly turns: Turns;
  readonly cursors: Cursors;
  readonly applications: Applications;
  readonly topicMetrics: TopicMetrics;
  readonly gatewayTraffic: GatewayTraffic;
  readonly dataFolder: DataFolder;
  readonly traces: Traces;
  readonly log: HubLog;
  /** Reads the certificates of all listeners anew, and those of the API itself. @returns what was not good */
  readonly reloadCertificates: () => Promise<readonly PorticoError[]>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** What is sent for a request that succeeds: `data` of the body beside `code: 0`, or the text of the whole body. */
export type Answer = DataAnswer | Readable;

export interface DataAnswer {
  readonly data?: unknown;
  /** What whoever asked should know, though it was done: for people, each a line. Nothing is sent where there are none. */
  readonly warnings?: readonly string[];
}

/** Who asks. */
export interface Caller {
  /** Id of the application. */
  readonly application: string;
  readonly peer: PeerAddress;
}

/** The three places of a request in which there is something. */
interface Parts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** A field of a body, by its name; or with the key before it that stands for the same thing elsewhere in the log. */
export type AuditedField = string | readonly [key: string, field: string];

/** One method of one path: all that routing, checking and documentation need. Made by {@link endpoint}. */
export interface Endpoint {
  readonly method: Method;
  /** Below `/api/v4`, with `:name` for what differs; `:node` has been checked when {@link handle} is called. */
  readonly path: string;
  /** In snake case, as the list of endpoints shows it. */
  readonly name: string;
  readonly descr: string;
  /** What it can fail by, beside what all can, and what goes with what it takes: see `failuresOf`. */
  readonly failures: readonly FailureName[];
  /** What may stand in the request, by part. */
  readonly schemas: { readonly [Part in keyof Parts]?: z.ZodType };
  /** What the answer to a request that succeeds has in `data`; undefined where it has none. */
  readonly data: z.ZodType | undefined;
  /** Whether the answer may have {@link DataAnswer.warnings}. */
  readonly warns: boolean;
  /** The whole answer to a request that succeeds, where it is not result code and `data`. */
  readonly whole: z.ZodType | undefined;
  /**
   * A line in the log tells who asked for it, with the parameters of the path and these fields of the body; no line
   * when it is undefined.
   */
  readonly audit: readonly AuditedField[] | undefined;
  /** @throws ApiError (it may reject, too) when the request cannot be answered as asked */
  readonly handle: (context: ApiContext, parts: Parts, caller: Caller) => MaybePromise<Answer>;
}

interface Definition<Params, Query, Body>
  extends Omit<Endpoint, 'schemas' | 'data' | 'whole' | 'handle' | 'audit' | 'failures' | 'warns'> {
  /** None unless given. */
  readonly failures?: readonly FailureName[];
  readonly warns?: true;
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** Where it is missing, the answer has no `data`. */
  readonly data?: z.ZodType;
  readonly whole?: z.ZodType;
  /** Unless given, all but GET leave a line, with nothing of the body. */
  readonly audit?: readonly AuditedField[] | false;
  readonly handle: (
    context: ApiContext,
    request: {
      readonly params: Params;
      readonly query: Query;
      readonly body: Body;
      readonly caller: Caller;
    },
  ) => MaybePromise<Answer>;
}

/** Makes an endpoint whose handler gets what its schemas have checked. */
export function endpoint<Params = undefined, Query = undefined, Body = undefined>(
  definition: Definition<Params, Query, Body>,
): Endpoint {
  const { method, path, name, descr, params, query, body } = definition;
  return {
    method,
    path,
    name,
    descr,
    failures: definition.failures ?? [],
    data: definition.data,
    warns: definition.warns ?? false,
    whole: definition.whole,
    audit: (definition.audit ?? (method === 'GET' ? false : [])) || undefined,
    schemas: { ...(params && { params }), ...(query && { query }), ...(body && { body }) },
    handle: (context, parts, caller) =>
      definition.handle(context, {
        params: part(params, parts.params) as Params,
        query: part(query, parts.query) as Query,
        body: part(body, parts.body) as Body,
        caller,
      }),
  };
}

/** Makes two endpoints of one that shows something: of all nodes, and of one of them. */
export function everywhere<Params = undefined, Query = undefined>(
  definition: Omit<Definition<Params, Query, undefined>, 'method' | 'body'>,
): readonly [Endpoint, Endpoint] {
  const { path, name, descr } = definition;
  return [
    endpoint({ ...definition, method: 'GET' }),
    endpoint({
      ...definition,
      method: 'GET',
      path: `/nodes/:node${path}`,
      name: name.replace('_', '_node_'),
      descr: `${descr}, on one node`,
    }),
  ];
}

/** What is told of each node: as a list with one entry for each node, and bare for one of them. */
export function ofNodes(definition: {
  readonly path: string;
  /** Where it stands in the entry of a node. */
  readonly key: string;
  /** Of the list; see {@link Endpoint.name}. */
  readonly name: string;
  readonly descr: string;
  /** What is told of one node. */
  readonly data: z.ZodType;
  readonly tell: (context: ApiContext) => MaybePromise<unknown>;
}): readonly [Endpoint, Endpoint] {
  const { path, key, name, descr, data, tell } = definition;
  return [
    endpoint({
      method: 'GET',
      path,
      name,
      descr: `${descr} of all nodes`,
      data: z.array(z.strictObject({ node: z.string(), [key]: data })),
      handle: async (context) => ({ data: [{ node: context.node, [key]: await tell(context) }] }),
    }),
    endpoint({
      method: 'GET',
      path: `/nodes/:node${path}`,
      name: name.replace('_', '_node_'),
      descr: `${descr} of a node`,
      data,
      handle: async (context) => ({ data: await tell(context) }),
    }),
  ];
}

/** The part of a request as its schema makes it; nothing where no schema asks for it. */
function part<Value>(schema: z.ZodType<Value> | undefined, value: unknown): Value | undefined {
  return schema === undefined ? undefined : checked(schema, value);
}

/** What a schema makes of a value. @throws ApiError that names what is missing or wrong */
export function checked<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value, { error: issueWords });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw parameterError(issue, value);
}

function parameterError(issue: z.core.$ZodIssue | undefined, value: unknown): ApiError {
  const path = issue?.path ?? [];
  const name = path.length === 0 ? 'the body' : path.join('.');
  const missing = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)?.[key], value);
  if (issue?.code === 'unrecognized_keys') return new ApiError('parameter_invalid', issue.message);
  if (missing === undefined) return new ApiError('parameter_missing', `${name}: is missing`);
  return new ApiError('parameter_invalid', `${name}: ${issue?.message ?? 'is not valid'}`);
}
