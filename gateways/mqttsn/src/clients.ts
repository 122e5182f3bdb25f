import { formatAddress } from '@portico/core';
import type { SnAddress } from './address.js';
import type { SnClient } from './client.js';

/** All clients of the gateway that are connected, by client id. */
export class Clients {
  readonly #byId = new Map<string, SnClient>();
  /** Clients whose address has been forgotten for its silence, by {@link addressKey}: they may go on from there. */
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
    this.#unreachable.set(addressKey(client.address), client);
    client.unreachable();
  }

  /** The client that was where somebody speaks from who has not said who it is. */
  returned(address: SnAddress): SnClient | undefined {
    const client = this.#unreachable.get(addressKey(address));
    if (client !== undefined) this.move(client, address);
    return client;
  }

  /** A client goes on elsewhere. */
  move(client: SnClient, address: SnAddress): void {
    this.#forgetAddress(client);
    if (address.client !== client) address.client?.close('replaced');
    client.moveTo(address);
  }

  /** The gateway stops. */
  shutdown(): void {
    for (const client of [...this.#byId.values()]) client.shutdown();
  }

  #forgetAddress(client: SnClient): void {
    const key = addressKey(client.address);
    if (this.#unreachable.get(key) === client) this.#unreachable.delete(key);
  }
}

function addressKey({ info, place }: SnAddress): string {
  return `${info.listener} ${formatAddress(info.peer)} ${place}`;
}
