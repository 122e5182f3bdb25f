import { type Clock, LineLimit, type Logger, TokenBucket } from '@portico/core';
import type { FastifyRequest } from 'fastify';
import type { Applications } from './applications.js';
import { type BasicCredentials, basicCredentials } from './basic-credentials.js';
import type { ManagementConfig } from './config.js';
import { ApiError } from './result-codes.js';

/** Lets requests in: so many a second, and only of applications. */
export class Admission {
  readonly #applications: Applications;
  readonly #clock: Clock;
  #rate: number;
  #bucket: TokenBucket | undefined;
  readonly #refusals: LineLimit;

  constructor(
    applications: Applications,
    { max_request_rate: rate }: ManagementConfig,
    clock: Clock,
    log: Logger,
  ) {
    this.#applications = applications;
    this.#clock = clock;
    this.#rate = rate;
    this.#bucket = this.#newBucket();
    this.#refusals = new LineLimit(log, clock);
  }

  /** Goes by another configuration from now on. */
  adjust({ max_request_rate: rate }: ManagementConfig): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#bucket = this.#newBucket();
  }

  #newBucket(): TokenBucket | undefined {
    const rate = this.#rate;
    return rate === 0 ? undefined : new TokenBucket(this.#clock, { burst: rate, perSecond: rate });
  }

  /** @returns the id of the application that asks. @throws ApiError (it rejects) when the request is not let in */
  async admit(request: Pick<FastifyRequest, 'headers' | 'ip'>): Promise<string> {
    const shown = basicCredentials(request.headers.authorization);
    if (shown === undefined || shown.id === '' || shown.secret === '') {
      throw new ApiError('no_credentials', 'the id and secret of an application are needed: HTTP Basic');
    }
    await this.#recognize(shown, request.ip);
    // After that, so that strangers do not use up what applications may.
    if (this.#bucket?.take(1) === false)
      throw new ApiError('too_many_requests', 'too many requests a second');
    return shown.id;
  }

  async #recognize({ id, secret }: BasicCredentials, peer: string): Promise<void> {
    const verdict = await this.#applications.verify(id, secret);
    if (verdict === 'right') return;
    if (verdict === 'busy') throw new ApiError('too_many_requests', 'too many secrets are being checked');
    // The log alone tells which it is: strangers are not to learn what applications there are.
    const reason = this.#applications.barrier(id) ?? 'wrong secret';
    this.#refusals.write('warn', { app: id, peer }, `management request refused: ${reason}`);
    throw new ApiError('wrong_credentials', 'wrong application id or secret');
  }
}
