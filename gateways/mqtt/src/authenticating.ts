import { type AuthPacket, type AuthProperties, ReasonCode } from '@portico/codec-mqtt';
import {
  type Authenticated,
  type AuthenticationStep,
  type EnhancedAuthentication,
  type GatewayContext,
  type Introduction,
  isPromise,
  type MaybePromise,
} from '@portico/core';
import type { Outlet } from './shared.js';

/** Told what an exchange has come to, with the last word for a client that is let in. */
type Finish = (result: Authenticated, data: Buffer | undefined) => MaybePromise<void>;

/**
 * The AUTH exchanges of one client by the method that its CONNECT named, one at a time: the first one lets it in,
 * later ones ask it again (MQTT 5 §4.12).
 */
export class AuthExchanges {
  readonly method: string;
  readonly #context: GatewayContext;
  readonly #outlet: Outlet;
  #authentication: EnhancedAuthentication | undefined;
  #finish: Finish = () => {};

  constructor(method: string, context: GatewayContext, outlet: Outlet) {
    this.method = method;
    this.#context = context;
    this.#outlet = outlet;
  }

  /** @returns false when the method is not offered to that client */
  open(client: Introduction, finish: Finish): boolean {
    this.#authentication = this.#context.startAuthentication(this.method, client);
    this.#finish = finish;
    return this.#authentication !== undefined;
  }

  /** Whether an AUTH packet answers what the gateway has asked last. */
  isContinuedBy({ reasonCode, properties }: AuthPacket): boolean {
    return (
      this.#authentication !== undefined &&
      reasonCode === ReasonCode.continueAuthentication &&
      properties?.authenticationMethod === this.method
    );
  }

  /** Whether an AUTH packet of a connected client begins another exchange. */
  isBegunBy({ reasonCode, properties }: AuthPacket): boolean {
    return (
      this.#authentication === undefined &&
      reasonCode === ReasonCode.reAuthenticate &&
      properties?.authenticationMethod === this.method
    );
  }

  /** Takes the client's Authentication Data to the source of the method. */
  next(data: Buffer | undefined): MaybePromise<void> {
    const step = this.#authentication?.next(data);
    if (isPromise(step)) return step.then((settled) => this.#onStep(settled));
    if (step !== undefined) return this.#onStep(step);
  }

  #onStep(step: AuthenticationStep): MaybePromise<void> {
    if (step.done) {
      this.#authentication = undefined;
      return this.#finish(step.authenticated, step.data);
    }
    this.send(ReasonCode.continueAuthentication, step.data);
  }

  send(reasonCode: number, data: Buffer | undefined): void {
    this.#outlet.send({ type: 'auth', reasonCode, properties: this.properties(data) });
  }

  /** What AUTH and the CONNACK of success say of the exchange. */
  properties(authenticationData: Buffer | undefined): AuthProperties {
    return { authenticationMethod: this.method, authenticationData };
  }
}
