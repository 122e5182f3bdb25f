import { type ServiceTarget, serviceTarget } from '@portico/core';

/** What came of a question: the answer of the service, or why there is none, in words for the log. */
export type ServiceAnswer =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly reason: string };

/** A question is asked again when the service cannot be reached, or fails. */
const ATTEMPTS = 2;
/** Questions on their way to a service, and those that wait: as many as terminals may come at once after an outage. */
const MAX_CONCURRENT = 64;
const MAX_WAITING = 10_000;
/** Bytes of an answer. */
const MAX_ANSWER = 65_536;

/** An HTTP service that is asked by POST of JSON. */
export class HttpService {
  readonly #target: ServiceTarget;
  readonly #timeout: number;
  #active = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param url name and password in it are for HTTP Basic @param timeout milliseconds that an answer may take */
  constructor(url: string, timeout: number) {
    this.#target = serviceTarget(url);
    this.#timeout = timeout;
  }

  /** Never rejects. */
  async ask(question: Readonly<Record<string, unknown>>): Promise<ServiceAnswer> {
    if (this.#active < MAX_CONCURRENT) this.#active++;
    else if (this.#waiting.length >= MAX_WAITING) return { ok: false, reason: 'too many questions wait' };
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#attempt(JSON.stringify(question));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#active--;
      else next();
    }
  }

  async #attempt(question: string): Promise<ServiceAnswer> {
    let reason = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const { status, body } = await this.#post(question);
        if (status < 500) return { ok: true, status, body };
        reason = `HTTP status ${status}`;
      } catch (error) {
        reason = reasonOf(error);
      }
    }
    return { ok: false, reason };
  }

  async #post(question: string): Promise<{ status: number; body: unknown }> {
    const { url, headers } = this.#target;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: question,
      redirect: 'error',
      signal: AbortSignal.timeout(this.#timeout),
    });
    return { status: response.status, body: parsed(await textOf(response)) };
  }
}

/** @throws Error when it is too long */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error(`the answer has more than ${MAX_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `fetch` tells that it failed; why, its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
