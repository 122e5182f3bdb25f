import { EMPTY_CODE, NO_BYTES, NO_OPTIONS } from '@portico/codec-coap';
import type { Confirmable, MessageBody, Outcome } from './confirmable-sender.js';

const EMPTY: MessageBody = { code: EMPTY_CODE, token: NO_BYTES, options: NO_OPTIONS, payload: NO_BYTES };

/** An Empty confirmable message: whoever is there answers with a Reset (RFC 7252 §4.3). */
export class Ping implements Confirmable {
  readonly settled: (outcome: Outcome) => void;
  readonly #wanted: () => boolean;

  constructor(wanted: () => boolean, settled: (outcome: Outcome) => void) {
    this.#wanted = wanted;
    this.settled = settled;
  }

  get wanted(): boolean {
    return this.#wanted();
  }

  compose(): MessageBody {
    return EMPTY;
  }
}
