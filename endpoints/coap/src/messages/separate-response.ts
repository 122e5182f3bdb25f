import type { EndpointCounters } from '../counters.js';
import type { Response } from '../serving/response.js';
import type { Confirmable, MessageBody, Outcome } from './confirmable-sender.js';

/** A response in a confirmable message of its own, RFC 7252 §5.2.2. */
export class SeparateResponse implements Confirmable {
  readonly wanted = true;
  readonly #token: Buffer;
  readonly #response: Response;
  readonly #counters: EndpointCounters;

  /** @param token of the request */
  constructor(token: Buffer, response: Response, counters: EndpointCounters) {
    this.#token = token;
    this.#response = response;
    this.#counters = counters;
  }

  compose(): MessageBody {
    const { code, options, payload } = this.#response;
    return { code, token: this.#token, options, payload };
  }

  settled(outcome: Outcome): void {
    if (outcome === 'acknowledged') this.#counters['responses.separate'].value++;
    else this.#counters['responses.unacknowledged'].value++;
  }
}
