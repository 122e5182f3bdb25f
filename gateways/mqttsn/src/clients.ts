import { formatAddress } from '@portico/core';
import type { SnClient } from './client.js';
import type { Endpoint } from './endpoint.js';

/** All clients of the gateway that are connected, by client id. */
export class Clients {
  readonly #byId = new Map<string, SnClient>();
  /** Clients whose address has been forgotten for its silence, by {@link addressOf}: they may go on from there. */
  readonly #unreachable = new Map<string, SnClient>();

  get(clientId: string): SnClient | undefined {
    return this.#byId.get(clientId);
  }

  /** How many there are, asleep or not. */
  get size(): number {
    return this.#byId.size;
  }

  add(client: SnClient): void {
    this.#byId.set(client.clientId, client);
  }

  remove(client: SnClient): void {
    if (this.#byId.get(client.clientId) === client) this.#byId.delete(client.clientId);
    this.#forgetAddress(client);
  }

  /** Where a client was is gone. */
  unreachable(client: SnClient): void {
    this.#unreachable.set(addressOf(client.endpoint), client);
    client.unreachable();
  }

  /** The client that was where somebody speaks from who has not said who it is. */
  returned(endpoint: Endpoint): SnClient | undefined {
    const client = this.#unreachable.get(addressOf(endpoint));
    if (client !== undefined) this.move(client, endpoint);
    return client;
  }

  /** A client goes on elsewhere. */
  move(client: SnClient, endpoint: Endpoint): void {
    this.#forgetAddress(client);
    if (endpoint.client !== client) endpoint.client?.close('replaced');
    client.moveTo(endpoint);
  }

  /** The gateway stops. */
  shutdown(): void {
    for (const client of [...this.#byId.values()]) client.shutdown();
  }

  #forgetAddress(client: SnClient): void {
    const address = addressOf(client.endpoint);
    if (this.#unreachable.get(address) === client) this.#unreachable.delete(address);
  }
}

function addressOf({ info, place }: Endpoint): string {
  return `${info.listener} ${formatAddress(info.peer)} ${place}`;
}
