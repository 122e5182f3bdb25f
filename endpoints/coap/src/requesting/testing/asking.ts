import assert from 'node:assert/strict';
import {
  type CoapMessage,
  type CoapOption,
  codeText,
  keepMessage,
  type Method,
  OptionNumber,
  stringOption,
} from '@portico/codec-coap';
import type { Channel, MaybePromise, Peer } from '@portico/core';
import { TestHub } from '@portico/core/testing';
import { z } from 'zod';
import { blockSettings } from '../../blocks/block-settings.js';
import { coapEndpointConfigShape, coapRequestConfigShape } from '../../config.js';
import { endpointCounters } from '../../counters.js';
import { ExchangeBudget } from '../../messages/exchange-budget.js';
import {
  MessageLayer,
  type MessageLayerSettings,
  type MessageLayerUser,
} from '../../messages/message-layer.js';
import { transmissionParameters } from '../../messages/transmission.js';
import { type Answer, CONTENT } from '../../serving/response.js';
import { Device, type GatewayUnderTest, rawOption } from '../../testing/index.js';
import { requestCounters } from '../counters.js';
import type {
  IncomingResponse,
  OutgoingRequest,
  RequestFailure,
  RequestHandle,
  ResponseHandler,
} from '../outgoing-request.js';
import { type RequestSettings, requestSettings } from '../request-settings.js';
import { Requester } from '../requester.js';

const config = z.object({ ...coapEndpointConfigShape, ...coapRequestConfigShape });
const OWNER = { prefix: 'test.', title: 'Test' };

/** A gateway that asks its peers, answers 2.05 to whatever they ask, and observes what it is told to. */
export class AskingTest implements GatewayUnderTest<AskingChannel> {
  readonly name = 'test';
  readonly hub = new TestHub();
  readonly gateway = { createChannel: (peer: Peer<CoapMessage>) => new AskingChannel(peer, this) };
  readonly settings: MessageLayerSettings;
  readonly requests: RequestSettings;
  #port = 50_000;

  /** Time-outs are not random unless the test says so. */
  constructor(keys: Record<string, unknown> = {}) {
    const { clock, timers, metrics } = this.hub.context('test');
    const parsed = config.parse({ ack_random_factor: 1, ...keys });
    const counters = endpointCounters(metrics, OWNER);
    const ofRequests = requestCounters(metrics, OWNER);
    this.requests = requestSettings(parsed, blockSettings(parsed, { clock, timers, counters }), ofRequests);
    this.settings = {
      clock,
      timers,
      counters,
      duplicateResponses: ofRequests['responses.duplicate'],
      parameters: transmissionParameters(parsed),
      maxExchanges: parsed.max_exchanges,
      exchangeBudget: new ExchangeBudget(parsed.max_exchanges_total),
      maxWaiting: 100,
    };
  }

  /** A peer at an address of its own. */
  peer(): AskedPeer {
    return new AskedPeer(this, this.#port++, {});
  }

  wait(milliseconds: number): void {
    this.hub.clock.advance(milliseconds);
  }

  /** The counter `test.<name>`. */
  count(name: string): number {
    return this.hub.metrics.get(`test.${name}`);
  }
}

/** The hub's end of a peer: asks, answers 2.05 to whatever is asked, and observes with the tokens that it is told. */
export class AskingChannel implements Channel<CoapMessage>, MessageLayerUser {
  readonly requester: Requester;
  /** Tokens of observations, in hex. */
  readonly observed = new Set<string>();
  readonly notifications: CoapMessage[] = [];
  readonly #layer: MessageLayer;

  constructor(peer: Peer<CoapMessage>, test: AskingTest) {
    this.#layer = new MessageLayer(peer, test.settings, this);
    this.requester = new Requester(this.#layer, test.requests);
  }

  onRequest(): Answer {
    return CONTENT;
  }

  onResponse(message: CoapMessage): boolean {
    if (this.requester.receive(message)) return true;
    if (!this.observed.has(message.token.toString('hex'))) return false;
    this.notifications.push(keepMessage(message));
    return true;
  }

  onPing(): void {}

  onReadyToSend(): void {}

  onFrame(message: CoapMessage): MaybePromise<void> {
    return this.#layer.receive(message);
  }

  onFrameError(): void {
    this.#layer.reject(undefined);
  }

  onTimer(): void {
    this.#layer.onTimer();
  }

  onWritable(): void {}

  onShutdown(): void {}

  onClose(): void {
    this.#layer.close();
    this.requester.close();
  }
}

/** Parts of a request that differ from the ordinary: no payload, token 0a. */
export interface AskedParts {
  /** Hex. */
  readonly token?: string;
  readonly payload?: string | Buffer;
  readonly options?: readonly CoapOption[];
}

/** A request as a gateway hands it in. @param path such as `3/0` */
export function outgoing(method: Method, path: string, parts: AskedParts = {}): OutgoingRequest {
  const { token = '0a', payload = '', options = [] } = parts;
  const segments = path.split('/').map((segment) => stringOption(OptionNumber.UriPath, segment));
  return {
    method,
    token: Buffer.from(token, 'hex'),
    options: [...segments, ...options].toSorted((a, b) => a.number - b.number),
    payload: Buffer.from(payload),
  };
}

/** What becomes of a request, a line for each event. */
export class Course implements ResponseHandler {
  readonly events: string[] = [];
  /** Own copy; undefined without one. */
  payload: Buffer | undefined;
  options: readonly CoapOption[] = [];
  handle: RequestHandle | undefined;

  /** All events since the last look. */
  look(): string[] {
    return this.events.splice(0);
  }

  acknowledged(): void {
    this.events.push('acknowledged');
  }

  progress(sent: number, total: number): void {
    this.events.push(`${sent}/${total}`);
  }

  responded({ code, options, payload }: IncomingResponse): void {
    this.payload = Buffer.from(payload);
    this.options = options.map(({ number, value }) => rawOption(number, value.toString('hex')));
    const shown = payload.length > 40 ? `${payload.length} bytes` : payload.toString();
    this.events.push(`${codeText(code)} ${shown}`.trim());
  }

  failed(reason: RequestFailure): void {
    this.events.push(`failed: ${reason}`);
  }
}

/** A peer without socket. */
export class AskedPeer extends Device<AskingChannel> {
  /** The hub asks it. */
  asked(method: Method, path: string, parts: AskedParts = {}): Course {
    const course = new Course();
    course.handle = this.channel.requester.send(outgoing(method, path, parts), course);
    return course;
  }

  /** Takes what it has got, which is one message. */
  takeOne(): CoapMessage {
    const [message, ...others] = this.take();
    assert.ok(message !== undefined && others.length === 0);
    return message;
  }
}
