import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { PorticoError } from '@portico/core/base';
import { readLocalAccess } from '@portico/management/access';
import { z } from 'zod';
import { connectionFailure } from './connection-failure.js';
import { EXIT } from './exit-codes.js';
import { findDataDir } from './node-config.js';
import type { Output } from './printer.js';
import { errorText } from './report.js';
import { fetchTrusting, readTrusted, trustOptions } from './trusting-fetch.js';

/** What every command that asks the API is told. */
export interface ApiCommandOptions {
  /** Configuration as given with `-c`. */
  readonly file: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Where the API is, as given with `--url`: `http://127.0.0.1:8081`. */
  readonly url: string | undefined;
  /** Id of an application, as given with `--app`: `admin`, or with its secret `admin:secret`. */
  readonly app: string | undefined;
  /** Its secret, as given with `--secret`. */
  readonly secret: string | undefined;
  /** PEM file with whom to trust when the API speaks HTTPS, as given with `--ca`. */
  readonly ca: string | undefined;
  /** Whether to print JSON, for programs. */
  readonly json: boolean;
  readonly stdout: Output;
  readonly stderr: { write(text: string): unknown };
}

/** Result codes for what runs already, and for what is stopped already: nothing in the command is wrong. */
const STATE_CODES: ReadonlySet<number> = new Set([110, 111]);

/** Milliseconds that an answer may take. */
const PATIENCE = 30_000;

const answerSchema = z.object({
  code: z.int(),
  message: z.string().optional(),
  warnings: z.array(z.string()).default([]),
  data: z.unknown().optional(),
  meta: z.object({ cursor: z.string().optional() }).optional(),
});

type Answer = z.output<typeof answerSchema>;

/** A row of a list of the API. */
export type Row = Readonly<Record<string, unknown>>;

const rowSchema = z.record(z.string(), z.unknown());
const rowsSchema = z.array(rowSchema);

/** The management API of a hub that runs, as commands ask it. Its methods throw PorticoError when they cannot. */
export class ManagementApi {
  /** What answers have told that should be known, though what was asked for was done. */
  readonly warnings: string[] = [];
  readonly #url: string;
  readonly #authorization: string;
  readonly #trusted: string | undefined;

  /**
   * @param app id and secret of an application: `admin:secret`
   * @param trusted PEM: authorities, or the certificate itself, that HTTPS is trusted by; those of the system by default
   */
  constructor(url: string, app: string, trusted?: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#authorization = `Basic ${Buffer.from(app).toString('base64')}`;
    this.#trusted = trusted;
  }

  /** Name or address of the machine that answers; an IPv6 address without brackets. */
  get host(): string {
    return new URL(this.#url).hostname.replaceAll(/[[\]]/g, '');
  }

  /** The rows of a list that is not long. @param path below `/api/v4` */
  async rows(path: string): Promise<readonly Row[]> {
    return this.#rowsOf(await this.#ask('GET', path));
  }

  /**
   * The rows of a long list, page by page; who comes and goes in between hides nobody.
   * @param query conditions; those that are undefined are left out
   */
  async *pages(path: string, query: Readonly<Record<string, string | undefined>>) {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    let cursor: string | undefined = 'start';
    while (cursor !== undefined) {
      const parameters = new URLSearchParams([...given, ['_cursor', cursor]]);
      const answer: Answer = await this.#ask('GET', `${path}?${parameters}`);
      yield this.#rowsOf(answer);
      cursor = answer.meta?.cursor;
    }
  }

  /** What there is of one thing. @param path below `/api/v4` */
  async value(path: string): Promise<Row> {
    return this.#rowOf(await this.#ask('GET', path));
  }

  /** What is listed by node, of all nodes. @param key where it stands in the entry of a node */
  async ofNodes(path: string, key: string): Promise<readonly Row[]> {
    const nodes = await this.rows(path);
    return nodes.flatMap((node) => this.#rowsOf({ data: node[key] }));
  }

  /** @returns what the answer tells, if anything */
  async put(path: string, body?: unknown): Promise<Row> {
    return this.#rowOf(await this.#ask('PUT', path, body));
  }

  /** @returns what the answer tells, if anything */
  async post(path: string, body?: unknown): Promise<Row> {
    return this.#rowOf(await this.#ask('POST', path, body));
  }

  /** @returns what the answer tells, if anything */
  async delete(path: string): Promise<Row> {
    return this.#rowOf(await this.#ask('DELETE', path));
  }

  #rowOf({ data = {} }: Pick<Answer, 'data'>): Row {
    const row = z.record(z.string(), z.unknown()).safeParse(data);
    if (!row.success) throw this.#unusable('does not answer as Portico does');
    return row.data;
  }

  /** The text of an answer that is not JSON as all others are. @param path below `/api/v4` */
  async text(path: string): Promise<string> {
    const response = await this.#fetch('GET', path, undefined);
    if (response.status === 200) return await response.text();
    throw this.#refusal(response.status, await response.json().catch(() => undefined));
  }

  /**
   * Gets messages until the hub has no more, or somebody wants no more.
   * @param path below `/api/v4`
   * @param signal of whoever wants no more
   */
  async *messages(path: string, signal?: AbortSignal): AsyncGenerator<Row> {
    // It is loaded for this alone.
    const { WebSocket, createWebSocketStream } = await import('ws');
    const webSocket = new WebSocket(`${this.#url.replace(/^http/, 'ws')}/api/v4${path}`, {
      headers: { authorization: this.#authorization },
      handshakeTimeout: PATIENCE,
      ...(this.#trusted !== undefined && trustOptions(this.#trusted)),
    });
    let refusal: PorticoError | undefined;
    webSocket.on('unexpected-response', async (_request, response: IncomingMessage) => {
      refusal = this.#refusal(response.statusCode ?? 0, await json(response).catch(() => undefined));
      webSocket.terminate();
    });
    signal?.addEventListener('abort', () => webSocket.terminate(), { once: true });
    try {
      for await (const message of createWebSocketStream(webSocket, { readableObjectMode: true })) {
        yield rowSchema.parse(JSON.parse(String(message)));
      }
    } catch (error) {
      if (!signal?.aborted) throw refusal ?? this.#unusable(connectionFailure(error as Error));
    }
  }

  #rowsOf({ data }: Pick<Answer, 'data'>): readonly Row[] {
    const rows = rowsSchema.safeParse(data);
    if (!rows.success) throw this.#unusable('does not answer as Portico does');
    return rows.data;
  }

  async #ask(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const response = await this.#fetch(method, path, body);
    const answer: unknown = await response.json().catch(() => undefined);
    const { data } = answerSchema.safeParse(answer);
    if (response.status !== 200 || data?.code !== 0) throw this.#refusal(response.status, answer);
    this.warnings.push(...data.warnings);
    return data;
  }

  /** What an answer says that is not what was asked for. @param status of HTTP @param answer its body, if it is JSON */
  #refusal(status: number, answer: unknown): PorticoError {
    const { data } = answerSchema.safeParse(answer);
    if (data === undefined) return this.#unusable('does not answer as Portico does');
    const { code, message = `code ${code}` } = data;
    if (status === 401) return this.#unusable(message);
    if (status === 404) return new PorticoError('PORTICO_ERR_NOT_FOUND', message);
    return new PorticoError(STATE_CODES.has(code) ? 'PORTICO_ERR_STATE' : 'PORTICO_ERR_REQUEST', message);
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    const headers = { authorization: this.#authorization };
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      const init = {
        ...{ method, headers, signal },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      };
      return await fetchTrusting(`${this.#url}/api/v4${path}`, init, this.#trusted);
    } catch (error) {
      throw this.#unusable(connectionFailure(error as Error));
    }
  }

  #unusable(why: string): PorticoError {
    return new PorticoError('PORTICO_ERR_MANAGEMENT', `${this.#url}: ${why}`);
  }
}

/**
 * Finds the API and does something with it; what the operator can put right is told.
 * @returns the exit code
 */
export async function withManagementApi(
  options: ApiCommandOptions,
  use: (api: ManagementApi) => Promise<void>,
): Promise<number> {
  try {
    const api = await findManagementApi(options);
    if (api === undefined) return EXIT.failed;
    await use(api);
    for (const warning of api.warnings) options.stderr.write(`warning: ${warning}\n`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    options.stderr.write(errorText(error));
    return error.code === 'PORTICO_ERR_MANAGEMENT' ? EXIT.unreachable : EXIT.failed;
  }
}

/** @returns undefined when the configuration is wrong, which has been told */
async function findManagementApi(options: ApiCommandOptions): Promise<ManagementApi | undefined> {
  const { file, env, url } = options;
  const app = givenApp(options);
  const trusted = options.ca === undefined ? undefined : readTrusted(options.ca);
  if (url !== undefined && app !== undefined) return new ManagementApi(url, app, trusted);
  // What a hub has left for the command line is for that hub alone.
  const local = url === undefined ? await readLocal(file, env) : undefined;
  if (local !== undefined) {
    return new ManagementApi(local.url, app ?? `${local.id}:${local.secret}`, trusted ?? local.certificate);
  }
  // Only now, since it loads all gateways.
  const { configuredPlace } = await import('./configured-place.js');
  const place = configuredPlace(options, { app, trusted });
  return place && new ManagementApi(place.url, place.app, place.trusted);
}

/** @returns id and secret as one text; undefined when they are not given */
function givenApp({ app, secret }: ApiCommandOptions): string | undefined {
  if (app !== undefined && secret !== undefined) return `${app}:${secret}`;
  if (app === undefined && secret === undefined) return undefined;
  if (app?.includes(':')) return app;
  const missing = app === undefined ? '--secret is given without --app' : '--app is given without its secret';
  throw new PorticoError('PORTICO_ERR_MANAGEMENT', missing);
}

/**
 * What a hub that runs has left for the command line. A configuration that is wrong by now still tells which hub is meant: one that
 * runs was started before.
 * @returns undefined when none runs there
 */
export async function readLocal(file: string | undefined, env: NodeJS.ProcessEnv) {
  const dataDir = findDataDir(file, env);
  if (dataDir === undefined) return undefined;
  try {
    return await readLocalAccess(dataDir);
  } catch (error) {
    throw new PorticoError('PORTICO_ERR_MANAGEMENT', (error as Error).message, { cause: error });
  }
}
