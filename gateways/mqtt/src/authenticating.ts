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
  /** Let go when it is done: it knows what CONNECT has said, the password too. */
  #underWay: { readonly authentication: EnhancedAuthentication; readonly finish: Finish } | undefined;

  constructor(method: string, context: GatewayContext, outlet: Outlet) {
    this.method = method;
    this.#context = context;
    this.#outlet = outlet;
  }

  /** @returns false when the method is not offered to that client */
  open(client: Introduction, finish: Finish): boolean {
    const authentication = this.#context.startAuthentication(this.method, client);
    this.#underWay = authentication && { authentication, finish };
    return authentication !== undefined;
  }

  /** Whether an AUTH packet answers what the gateway has asked last. */
  isContinuedBy({ reasonCode, properties }: AuthPacket): boolean {
    return (
      this.#underWay !== undefined &&
      reasonCode === ReasonCode.continueAuthentication &&
      properties?.authenticationMethod === this.method
    );
  }

  /** Whether an AUTH packet of a connected client begins another exchange. */
  isBegunBy({ reasonCode, properties }: AuthPacket): boolean {
    return (
      this.#underWay === undefined &&
      reasonCode === ReasonCode.reAuthenticate &&
      properties?.authenticationMethod === this.method
    );
  }

  /** Takes the client's Authentication Data to the source of the method. */
  next(data: Buffer | undefined): MaybePromise<void> {
    if (this.#underWay === undefined) return;
    const { authentication, finish } = this.#underWay;
    const step = authentication.next(data);
    return isPromise(step)
      ? step.then((settled) => this.#onStep(settled, finish))
      : this.#onStep(step, finish);
  }

  #onStep(step: AuthenticationStep, finish: Finish): MaybePromise<void> {
    if (step.done) {
      this.#underWay = undefined;
      return finish(step.authenticated, step.data);
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
