import assert from 'node:assert/strict';
import { z } from 'zod';

/** What a generated client knows of an operation. */
const operationSchema = z.object({
  operationId: z.string(),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean() })),
  requestBody: z.object({ required: z.boolean() }).optional(),
  responses: z.looseObject({
    200: z.object({
      content: z.object({
        'application/json': z.object({
          schema: z.object({
            required: z.array(z.string()).optional(),
            /** None where the answer is text. */
            properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
          }),
        }),
      }),
    }),
  }),
});

const documentSchema = z.object({
  servers: z.tuple([z.object({ url: z.string() })]),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
});

interface Operation extends z.output<typeof operationSchema> {
  readonly method: string;
  readonly path: string;
}

const failureSchema = z.object({
  content: z.object({
    'application/json': z.object({
      schema: z.object({ properties: z.object({ code: z.object({ enum: z.array(z.int()) }) }) }),
    }),
  }),
});

/** What has become of a request that failed. */
export interface Failure {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

/** Names and values of parameters, in path and query alike. */
export type Parameters = Readonly<Record<string, string>>;

/** A client that knows nothing of an API but its OpenAPI document: what programs generate from it do. */
export class OpenApiClient {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    operations: readonly Operation[],
  ) {
    this.#url = url;
    this.#headers = headers;
    this.operations = new Map(operations.map((operation) => [operation.operationId, operation]));
  }

  /**
   * @param origin `http://127.0.0.1:8081`
   * @param authorization header of HTTP authentication
   */
  static async load(origin: string, authorization: string): Promise<OpenApiClient> {
    const response = await fetch(`${origin}/api-docs/openapi.json`);
    const { servers, paths } = documentSchema.parse(await response.json());
    const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, operation]) => ({ ...operation, method, path })),
    );
    return new OpenApiClient(origin + servers[0].url, { authorization }, operations);
  }

  /**
   * Asks for an operation; the answer has to be as the document says, with nothing that it does not say.
   * @returns the properties of the answer
   */
  async call(
    id: string,
    parameters: Parameters = {},
    body?: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    const operation = this.#operation(id);
    const { status, answer } = await this.#ask(operation, parameters, body);
    assert.equal(status, 200, `${id}: ${JSON.stringify(answer)}`);
    checkAnswer(operation, answer);
    return answer;
  }

  /** Asks for what cannot be done; that it is refused with this status and code has to be in the document. */
  async fail(id: string, parameters: Parameters = {}, body?: object): Promise<Failure> {
    const { status, answer } = await this.#ask(this.#operation(id), parameters, body);
    assert.deepEqual(Object.keys(answer).toSorted(), ['code', 'message'], `${id}: ${JSON.stringify(answer)}`);
    const { code, message } = answer as { readonly code: number; readonly message: string };
    const isTold = this.failures().some((told) => told[0] === id && told[1] === status && told[2] === code);
    assert.ok(isTold, `${id}: ${status} ${code} ${message}`);
    return { status, code, message };
  }

  /** What operations can fail by. */
  failures(): readonly (readonly [operation: string, status: number, code: number])[] {
    return [...this.operations.values()].flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(([status]) => /^[45]/.test(status))
        .flatMap(([status, response]) => {
          const { properties } = failureSchema.parse(response).content['application/json'].schema;
          return properties.code.enum.map((code) => [operationId, Number(status), code] as const);
        }),
    );
  }

  #operation(id: string): Operation {
    return this.operations.get(id) ?? assert.fail(`there is no operation ${id}`);
  }

  async #ask(operation: Operation, parameters: Parameters, body: object | undefined) {
    const response = await fetch(this.#urlOf(operation, parameters), {
      method: operation.method.toUpperCase(),
      headers: this.#headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Readonly<Record<string, unknown>>;
    return { status: response.status, answer };
  }

  #urlOf({ path, parameters }: Operation, given: Parameters): string {
    const query = new URLSearchParams();
    let filled = path;
    for (const { name, in: place, required } of parameters) {
      const value = given[name];
      assert.ok(value !== undefined || !required, `${path} needs ${name}`);
      if (value === undefined) continue;
      if (place === 'query') query.set(name, value);
      else filled = filled.replace(`{${name}}`, encodeURIComponent(value));
    }
    return `${this.#url}${filled}?${query}`;
  }
}

function checkAnswer({ operationId, responses }: Operation, answer: Readonly<Record<string, unknown>>): void {
  const { required = [], properties } = responses[200].content['application/json'].schema;
  for (const name of required) assert.ok(name in answer, `${operationId} has ${name}`);
  for (const [name, value] of Object.entries(answer)) {
    const schema = properties[name];
    assert.ok(schema, `${operationId}: ${name} is not documented`);
    if (schema.$ref !== undefined) continue;
    const { success, error } = z.fromJSONSchema(schema).safeParse(value);
    assert.ok(
      success,
      `${operationId}: ${name}: ${error && z.prettifyError(error)} of ${JSON.stringify(value)}`,
    );
  }
}
