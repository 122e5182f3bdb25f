import type { AccessAction, AuthenticationOutcome, Credentials } from '../access/types.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import type { ClientInfo, ConnectionInfo } from './client-info.js';
import type { Message } from './message.js';
import type { ConnectRefusal } from './outcomes.js';
import type { ConnectRequest, SubscribeOptions } from './types.js';

/**
 * What a hook function answers: nothing (go on, value unchanged), `{ value }` (go on with another value),
 * `{ stop: true }` or `{ stop: true, value }` (ask nobody after me).
 */
export type HookAnswer<Value> =
  | void
  | { readonly value: Value; readonly stop?: boolean }
  | { readonly stop: true; readonly value?: Value };

/** @param value what the functions before made of it */
export type HookFunction<Args extends readonly unknown[], Value> = (
  value: Value,
  ...args: Args
) => MaybePromise<HookAnswer<Value>>;

interface Registered<Args extends readonly unknown[], Value> {
  readonly name: string;
  readonly priority: number;
  readonly run: HookFunction<Args, Value>;
}

/**
 * One place in a message's or client's way where others may look and change things. Functions run by
 * priority, high before low, then in the order in which they were added. A function that throws is left out
 * of the chain for that call and reported.
 */
export class HookPoint<Args extends readonly unknown[], Value> {
  readonly name: string;
  readonly #onError: (point: string, hook: string, error: unknown) => void;
  #chain: readonly Registered<Args, Value>[] = [];

  constructor(name: string, onError: (point: string, hook: string, error: unknown) => void) {
    this.name = name;
    this.#onError = onError;
  }

  /** True when nobody listens; hot paths look here before they gather arguments. */
  get empty(): boolean {
    return this.#chain.length === 0;
  }

  /**
   * @param name as operators see it
   * @param priority default 0
   * @returns removes the function again
   */
  add(name: string, run: HookFunction<Args, Value>, priority = 0): () => void {
    const entry: Registered<Args, Value> = { name, priority, run };
    const at = this.#chain.findIndex((other) => other.priority < priority);
    this.#chain =
      at < 0 ? [...this.#chain, entry] : [...this.#chain.slice(0, at), entry, ...this.#chain.slice(at)];
    return () => {
      this.#chain = this.#chain.filter((other) => other !== entry);
    };
  }

  /** Runs the chain; a promise only if one of the functions returned one. */
  run(value: Value, ...args: Args): MaybePromise<Value> {
    return this.#runFrom(this.#chain, 0, value, args);
  }

  /** Runs the chain for its effects, not waiting for what is asynchronous. */
  notify(value: Value, ...args: Args): void {
    if (this.#chain.length === 0) return;
    const result = this.run(value, ...args);
    if (isPromise(result)) result.catch((error: unknown) => this.#onError(this.name, '', error));
  }

  #runFrom(
    chain: readonly Registered<Args, Value>[],
    from: number,
    initial: Value,
    args: Args,
  ): MaybePromise<Value> {
    let value = initial;
    for (let i = from; i < chain.length; i++) {
      const hook = chain[i] as Registered<Args, Value>;
      let answer: MaybePromise<HookAnswer<Value>>;
      try {
        answer = hook.run(value, ...args);
      } catch (error) {
        this.#onError(this.name, hook.name, error);
        continue;
      }
      if (isPromise(answer)) return this.#runAsync(chain, i, value, answer, args);
      if (typeof answer !== 'object' || answer === null) continue;
      if ('value' in answer && answer.value !== undefined) value = answer.value;
      if (answer.stop === true) return value;
    }
    return value;
  }

  async #runAsync(
    chain: readonly Registered<Args, Value>[],
    at: number,
    before: Value,
    pending: Promise<HookAnswer<Value>>,
    args: Args,
  ): Promise<Value> {
    let value = before;
    try {
      const answer = await pending;
      if (typeof answer === 'object' && answer !== null) {
        if ('value' in answer && answer.value !== undefined) value = answer.value;
        if (answer.stop === true) return value;
      }
    } catch (error) {
      this.#onError(this.name, (chain[at] as Registered<Args, Value>).name, error);
    }
    return this.#runFrom(chain, at + 1, value, args);
  }
}

export interface TopicRequest {
  readonly filter: string;
  readonly options: SubscribeOptions;
}

/** What `message.publish` passes along: set `allow` to false to keep the message from being routed. */
export interface PublishDecision {
  readonly message: Message;
  readonly allow: boolean;
}

/**
 * All hook points by the names of the reference. The first type argument lists what functions get beside the
 * value, the second is the value they may change (`undefined` where there is nothing to change).
 */
export class Hooks {
  readonly clientConnect: HookPoint<[connection: ConnectionInfo], ConnectRequest>;
  readonly clientConnack: HookPoint<
    [connection: ConnectionInfo, result: 'success' | ConnectRefusal, clientId: string],
    undefined
  >;
  readonly clientConnected: HookPoint<[client: ClientInfo], undefined>;
  readonly clientDisconnected: HookPoint<[client: ClientInfo, reason: string], undefined>;
  readonly clientAuthenticate: HookPoint<[credentials: Credentials], AuthenticationOutcome>;
  readonly clientCheckAcl: HookPoint<[client: ClientInfo, action: AccessAction, topic: string], boolean>;
  readonly clientSubscribe: HookPoint<[client: ClientInfo], readonly TopicRequest[]>;
  readonly clientUnsubscribe: HookPoint<[client: ClientInfo], readonly string[]>;
  readonly sessionCreated: HookPoint<[client: ClientInfo], undefined>;
  readonly sessionSubscribed: HookPoint<
    [client: ClientInfo, filter: string, options: SubscribeOptions],
    undefined
  >;
  readonly sessionUnsubscribed: HookPoint<[client: ClientInfo, filter: string], undefined>;
  readonly sessionResumed: HookPoint<[client: ClientInfo], undefined>;
  readonly sessionDiscarded: HookPoint<[client: ClientInfo], undefined>;
  readonly sessionTakeovered: HookPoint<[client: ClientInfo], undefined>;
  readonly sessionTerminated: HookPoint<[client: ClientInfo, reason: string], undefined>;
  readonly messagePublish: HookPoint<[], PublishDecision>;
  readonly messageDelivered: HookPoint<[client: ClientInfo], Message>;
  readonly messageAcked: HookPoint<[client: ClientInfo, message: Message], undefined>;
  readonly messageDropped: HookPoint<
    [message: Message, reason: string, client: ClientInfo | undefined],
    undefined
  >;

  constructor(onError: (point: string, hook: string, error: unknown) => void) {
    this.clientConnect = new HookPoint('client.connect', onError);
    this.clientConnack = new HookPoint('client.connack', onError);
    this.clientConnected = new HookPoint('client.connected', onError);
    this.clientDisconnected = new HookPoint('client.disconnected', onError);
    this.clientAuthenticate = new HookPoint('client.authenticate', onError);
    this.clientCheckAcl = new HookPoint('client.check_acl', onError);
    this.clientSubscribe = new HookPoint('client.subscribe', onError);
    this.clientUnsubscribe = new HookPoint('client.unsubscribe', onError);
    this.sessionCreated = new HookPoint('session.created', onError);
    this.sessionSubscribed = new HookPoint('session.subscribed', onError);
    this.sessionUnsubscribed = new HookPoint('session.unsubscribed', onError);
    this.sessionResumed = new HookPoint('session.resumed', onError);
    this.sessionDiscarded = new HookPoint('session.discarded', onError);
    this.sessionTakeovered = new HookPoint('session.takeovered', onError);
    this.sessionTerminated = new HookPoint('session.terminated', onError);
    this.messagePublish = new HookPoint('message.publish', onError);
    this.messageDelivered = new HookPoint('message.delivered', onError);
    this.messageAcked = new HookPoint('message.acked', onError);
    this.messageDropped = new HookPoint('message.dropped', onError);
  }
}
