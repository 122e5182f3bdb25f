import { z } from 'zod';
import type { Endpoint } from '../endpoint.js';
import { RESULTS } from '../result-codes.js';
import { codesByStatus, failuresOf } from './failures.js';

/** A JSON Schema, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** What can be done with a path. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly [string];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, { readonly description: string } & JsonSchema>>;
}

/** A description of the API, OpenAPI 3.1. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: unknown;
}

const JSON_TYPE = 'application/json';
const FAILED = 'What became of a request that failed';

/** Describes endpoints by the schemas that check what they are asked. @param version of the hub: `1.2.3` */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portico management API',
      version,
      description: 'Shows and changes a hub that runs. Every answer has a result code; 0 is success.',
    },
    servers: [{ url: '/api/v4' }],
    security: [{ application: [] }],
    paths,
    components: {
      securitySchemes: {
        application: { type: 'http', scheme: 'basic', description: 'id and secret of an application' },
      },
      schemas: { Meta: metaSchema(), Failure: FAILURE },
      responses: { Failure: jsonContent(FAILED, 'Failure') },
    },
  };
}

function operation(endpoint: Endpoint): Operation {
  const { name, descr, schemas } = endpoint;
  const parameters = [...pathParameters(endpoint), ...queryParameters(endpoint)];
  const isPaged = parameters.some((parameter) => parameter.name === '_page');
  return {
    operationId: name,
    summary: descr,
    tags: [tagOf(endpoint.path)],
    parameters,
    ...(schemas.body && { requestBody: requestBody(schemas.body) }),
    responses: {
      200: { description: 'Done', content: { [JSON_TYPE]: { schema: answerSchema(endpoint, isPaged) } } },
      ...failureResponses(endpoint),
      default: { $ref: '#/components/responses/Failure', description: FAILED },
    },
  };
}

/** What a request can fail by, by HTTP status. */
function failureResponses(endpoint: Endpoint): Operation['responses'] {
  const statuses = [...codesByStatus(failuresOf(endpoint))].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    statuses.map(([status, codes]) => {
      const properties = { ...FAILURE.properties, code: { enum: codes } };
      const content = { [JSON_TYPE]: { schema: { ...FAILURE, properties } } };
      return [status, { description: `Code ${codes.join(', ')}`, content }];
    }),
  );
}

/** What a path is about: its first word that is no node. */
function tagOf(path: string): string {
  return /^(?:\/nodes?\/:node(?=\/))?\/([\w-]*)/.exec(path)?.[1] || 'api';
}

function pathParameters({ path, schemas }: Endpoint): readonly Parameter[] {
  const properties = propertiesOf(schemas.params);
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: properties[name] ?? { type: 'string' },
  }));
}

function queryParameters({ schemas }: Endpoint): readonly Parameter[] {
  return Object.entries(propertiesOf(schemas.query)).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    ...(typeof description === 'string' && { description }),
    schema,
  }));
}

function propertiesOf(schema: z.ZodType | undefined): Readonly<Record<string, JsonSchema>> {
  return schema === undefined ? {} : (jsonSchemaOf(schema).properties as Record<string, JsonSchema>);
}

/** A schema of what is taken, not of what is made of it. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

function requestBody(body: z.ZodType) {
  return {
    required: !body.safeParse(undefined).success,
    content: { [JSON_TYPE]: { schema: jsonSchemaOf(body) } },
  };
}

function jsonContent(description: string, schema: string) {
  const content = { [JSON_TYPE]: { schema: { $ref: `#/components/schemas/${schema}` } } };
  return { description, content };
}

/** The whole body of an answer to a request that succeeds. */
function answerSchema({ data, whole, warns }: Endpoint, isPaged: boolean): JsonSchema {
  if (whole !== undefined) return jsonSchemaOf(whole);
  const meta = isPaged ? { meta: { $ref: '#/components/schemas/Meta' } } : {};
  const properties = {
    code: { const: 0, description: 'success' },
    ...(data !== undefined && { data: jsonSchemaOf(data) }),
    ...meta,
  };
  const required = Object.keys(properties);
  return { type: 'object', required, properties: { ...properties, ...(warns && { warnings: WARNINGS }) } };
}

function metaSchema(): JsonSchema {
  return {
    type: 'object',
    required: ['page', 'limit', 'count', 'hasnext'],
    properties: {
      page: { type: 'integer', description: 'number of the page, from 1' },
      limit: { type: 'integer', description: 'rows of a page' },
      count: { type: 'integer', description: 'rows of all pages; -1 where nobody has counted' },
      hasnext: { type: 'boolean', description: 'whether there is a page after this one' },
      cursor: { type: 'string', description: 'of the next page, where pages are asked for by cursor' },
    },
  };
}

const WARNINGS: JsonSchema = {
  type: 'array',
  items: { type: 'string' },
  description: 'what should be known, though it was done; not there when there is nothing',
};

const FAILURE = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: {
      enum: [...new Set(Object.values(RESULTS).map(({ code }) => code))].sort(),
      description: 'the result code',
    },
    message: { type: 'string', description: 'what is wrong, for people' },
  },
};
