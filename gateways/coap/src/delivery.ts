import type { CoapClient } from './client.js';

/** Who wants to know what becomes of a notification. */
export interface Settling {
  /** It has come to its end. @param taken whether its observer has it */
  settle(taken: boolean): void;
}

/** A QoS 1 delivery of the session on its way to one or more observers. */
export class Delivery implements Settling {
  readonly #client: CoapClient;
  readonly #packetId: number;
  #observers: number;
  #taken = false;

  /** @param observers how many notifications it became */
  constructor(client: CoapClient, packetId: number, observers: number) {
    this.#client = client;
    this.#packetId = packetId;
    this.#observers = observers;
  }

  /**
   * One of the notifications has come to its end; the last one frees the session's window.
   * @param taken whether its observer has it
   */
  settle(taken: boolean): void {
    this.#observers--;
    this.#taken ||= taken;
    if (this.#observers === 0) this.#client.delivered(this.#packetId, this.#taken);
  }
}
