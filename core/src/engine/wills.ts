import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import { Timer } from '../runtime/timers.js';
import type { ClientInfo } from './client-info.js';
import type { Engine } from './engine.js';
import { Message } from './message.js';
import { NEVER_EXPIRES, type Will } from './types.js';

interface DelayedWill {
  readonly will: Will;
  readonly client: ClientInfo;
  readonly timer: Timer;
  /** When its delay is over, by the monotonic clock; the timer fires a little later. */
  readonly dueAt: number;
}

/** A will that access control or a hook thinks about. */
interface PendingWill {
  readonly will: Will;
  /** Settles when it has been published, or dropped; does not reject. */
  readonly done: Promise<unknown>;
}

/**
 * Will messages whose client is gone and whose delay is not over (MQTT 5 §3.1.3.2.2). A will is published
 * when its delay is over or its session ends, whichever is first; a client that comes back before takes it
 * with it.
 */
export class Wills {
  readonly #engine: Engine;
  readonly #publish: (message: Message) => MaybePromise<unknown>;
  readonly #delayed = new Map<string, DelayedWill>();
  readonly #pending = new Map<string, PendingWill>();

  /** @param publish publishes a will for its client, access control included; does not reject */
  constructor(engine: Engine, publish: (message: Message) => MaybePromise<unknown>) {
    this.#engine = engine;
    this.#publish = publish;
  }

  /**
   * The client has left without a word.
   * @param expiry seconds that its session lives on
   * @param since milliseconds that it has been gone already
   */
  clientLost(client: ClientInfo, will: Will, expiry: number, since = 0): void {
    const delay = expiry === NEVER_EXPIRES ? will.delay : Math.min(will.delay, expiry);
    const left = delay * 1000 - since;
    if (left <= 0) {
      this.#send(client, will);
      return;
    }
    const dueAt = this.#engine.clock.monotonic() + left;
    const timer = this.#engine.timers.after(left, () => this.sessionEnded(client.clientId));
    this.#delayed.set(client.clientId, { will, client, timer, dueAt });
  }

  /**
   * The client has left without a word, and its session ends now ({@link sessionEnded}), or the hub stops: what becomes
   * of the will is for the next one to see to.
   */
  keep(client: ClientInfo, will: Will): void {
    this.#delayed.set(client.clientId, { will, client, timer: new Timer(), dueAt: Number.POSITIVE_INFINITY });
  }

  /** The will of a client that is gone, as long as it is not published. */
  waiting(clientId: string): Will | undefined {
    return this.#delayed.get(clientId)?.will ?? this.#pending.get(clientId)?.will;
  }

  /** Settles when the client's will that is about to be published is; undefined when there is none. */
  pending(clientId: string): Promise<unknown> | undefined {
    return this.#pending.get(clientId)?.done;
  }

  /** The client is back in its session: its will is void, unless the delay was over before. */
  clientReturned(clientId: string): void {
    const delayed = this.#take(clientId);
    if (delayed === undefined || delayed.dueAt > this.#engine.clock.monotonic()) return;
    this.#send(delayed.client, delayed.will);
  }

  /** The session is over: a will that still waits goes out. */
  sessionEnded(clientId: string): void {
    const delayed = this.#take(clientId);
    if (delayed !== undefined) this.#send(delayed.client, delayed.will);
  }

  /** Publishes a will. It is its session's until that is done, should the hub fall meanwhile. */
  #send(client: ClientInfo, will: Will): void {
    const { clientId } = client;
    const { sessions } = this.#engine;
    const published = this.#publish(this.#message(client, will));
    if (isPromise(published)) {
      const done = published.then(() => {
        if (this.#pending.get(clientId)?.will === will) this.#pending.delete(clientId);
        sessions.get(clientId)?.save();
      });
      this.#pending.set(clientId, { will, done });
    }
    sessions.get(clientId)?.save();
  }

  #take(clientId: string): DelayedWill | undefined {
    const delayed = this.#delayed.get(clientId);
    if (delayed === undefined) return undefined;
    this.#delayed.delete(clientId);
    this.#engine.timers.cancel(delayed.timer);
    return delayed;
  }

  #message(client: ClientInfo, will: Will): Message {
    return new Message({
      topic: this.#engine.delayed.mounted(client.mountpoint, will.topic),
      payload: will.payload,
      qos: will.qos,
      retain: will.retain,
      properties: will.properties,
      from: client,
      timestamp: this.#engine.clock.now(),
      owned: true,
    });
  }
}
