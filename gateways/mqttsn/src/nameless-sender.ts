import {
  type AttachedSession,
  type ConnectionInfo,
  type ConnectResult,
  type DeliverResult,
  isPromise,
  type MaybePromise,
  type Publication,
  type PublishResult,
  type SessionHandler,
} from '@portico/core';
import { withoutClientId } from './address.js';
import { loginOf } from './login.js';
import type { Shared } from './shared.js';

/** Whoever publishes with QoS -1 from one host, or with one key over DTLS: a client that the hub is told of with its first message. */
export class NamelessSender implements SessionHandler {
  readonly clientId: string;
  readonly writable = false;
  readonly #shared: Shared;
  #session: AttachedSession | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;

  constructor(clientId: string, shared: Shared) {
    this.clientId = clientId;
    this.#shared = shared;
  }

  /**
   * @param from whence this message came
   * @returns `refused` when the hub does not let the sender in
   */
  publish(publication: Publication, from: ConnectionInfo): MaybePromise<PublishResult | 'refused'> {
    if (this.#session !== undefined) return this.#session.publish(publication);
    const ready = this.#connect(from);
    if (!isPromise(ready)) return this.#publishIfLetIn(publication);
    const kept = { ...publication, payload: Buffer.from(publication.payload) };
    return ready.then(() => this.#publishIfLetIn(kept));
  }

  #publishIfLetIn(publication: Publication): MaybePromise<PublishResult | 'refused'> {
    return this.#session?.publish(publication) ?? 'refused';
  }

  /** @param reason as operators see it */
  close(reason: string): void {
    this.#closed = true;
    this.#session?.close(reason);
    this.#session = undefined;
  }

  #connect(from: ConnectionInfo): MaybePromise<void> {
    if (this.#connecting !== undefined) return this.#connecting;
    const { context, config, session } = this.#shared;
    const result = context.connect({
      ...loginOf(config),
      clientId: this.clientId,
      connection: withoutClientId(from),
      keepalive: 0,
      cleanStart: true,
      sessionExpiry: 0,
      options: session,
      mergeOverlapping: true,
      retransmits: false,
      handler: this,
    });
    if (!isPromise(result)) return this.#connected(result);
    this.#connecting = result.then((settled) => this.#connected(settled));
    return this.#connecting;
  }

  #connected(result: ConnectResult): void {
    this.#connecting = undefined;
    if (!result.ok) return;
    if (this.#closed) result.session.close('closed');
    else this.#session = result.session;
  }

  // From the session: it is never subscribed to anything.

  deliver(): DeliverResult {
    return 'unwanted';
  }

  detached(): void {
    this.#session = undefined;
  }
}
