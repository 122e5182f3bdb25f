import type { PublishPacket } from '@portico/codec-mqtt';
import { readPayload } from './lane.js';
import { SessionClient } from './session-client.js';

/** A client without a past that looks at what is retained. */
export class RetainedReader extends SessionClient {
  readonly #found = new Map<string, number | undefined>();

  /** @returns the numbers of the retained messages by topic; undefined for what is none of a lane */
  async read(port: number, filter: string): Promise<ReadonlyMap<string, number | undefined>> {
    this.#found.clear();
    await this.stay(port);
    await this.subscribe(filter, 0);
    await this.ping();
    await this.leave();
    return this.#found;
  }

  protected override onMessage({ topic, payload }: PublishPacket): void {
    this.#found.set(topic, readPayload(topic, payload));
  }
}
