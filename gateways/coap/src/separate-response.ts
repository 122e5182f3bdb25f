import type { Confirmable, MessageBody, Outcome } from './confirmable-sender.js';
import type { CoapMetrics } from './counters.js';
import type { Response } from './response.js';

/** A response in a confirmable message of its own, RFC 7252 §5.2.2. */
export class SeparateResponse implements Confirmable {
  readonly wanted = true;
  readonly #token: Buffer;
  readonly #response: Response;
  readonly #metrics: CoapMetrics;

  /** @param token of the request */
  constructor(token: Buffer, response: Response, metrics: CoapMetrics) {
    this.#token = token;
    this.#response = response;
    this.#metrics = metrics;
  }

  compose(): MessageBody {
    const { code, options, payload } = this.#response;
    return { code, token: this.#token, options, payload };
  }

  settled(outcome: Outcome): void {
    const { counters } = this.#metrics;
    if (outcome === 'acknowledged') counters['coap.responses.separate'].value++;
    else counters['coap.responses.unacknowledged'].value++;
  }
}
