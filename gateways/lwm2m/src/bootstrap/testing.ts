import { Device as Peer, type RequestParts } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  codeOf,
  codeText,
  describe,
  isRequest,
  MessageType,
  Method,
  NO_BYTES,
} from '@portico/codec-coap';
import { type ConnectionInfo, type Gateway, silentLogger } from '@portico/core';
import { type TestClient, TestHub } from '@portico/core/testing';
import { loadObjectModel } from '../objects/load-object-model.js';
import { bootstrapConfig } from './bootstrap-config.js';
import { createBootstrap } from './bootstrap-gateway.js';

const MODEL = loadObjectModel(undefined, silentLogger);

/** A hub with the bootstrap gateway, and peers without sockets. */
export class BootstrapTest {
  readonly name = 'lwm2mbootstrap';
  readonly hub = new TestHub();
  readonly gateway: Gateway<CoapMessage, CoapMessage>;
  readonly app: TestClient;
  #port = 50_000;

  constructor(config: Record<string, unknown>) {
    const parsed = bootstrapConfig.parse({ ack_random_factor: 1, ...config });
    const context = { ...this.hub.context(this.name), log: this.hub.engine.log };
    this.gateway = createBootstrap(context, parsed, MODEL);
    this.app = this.hub.client('app');
    this.app.subscribe('lwm2m/#');
  }

  /** A peer at an address of its own. @param connection what the listener knows of it */
  peer(connection: Partial<ConnectionInfo> = {}): Peer {
    return new Peer(this, this.#port++, connection);
  }

  /** The counter `lwm2mbootstrap.<name>`. */
  count(name: string): number {
    return this.hub.metrics.get(`lwm2mbootstrap.${name}`);
  }
}

/** A device asks to be bootstrapped. @param query `ep=…&pct=…` */
export function asks(peer: Peer, query: string, parts: RequestParts = {}): CoapMessage[] {
  peer.request(Method.POST, `bs?${query}`, parts);
  return peer.take();
}

/** A message in one line, without what is random, its payload in hexadecimal. */
export function line({ code, options, payload }: CoapMessage): string {
  const message = { type: MessageType.CON, code, messageId: 0, token: NO_BYTES, options, payload: NO_BYTES };
  const text = describe(message).replace('CON ', '').replace(' mid=0x0000', '');
  if (payload.length === 0) return text;
  return `${text} ${isRequest(code) ? payload.toString('hex') : payload.toString()}`;
}

/** The device answers a request of the hub. @param code `2.04` @returns what comes then */
export function answers(peer: Peer, request: CoapMessage | undefined, code: string): CoapMessage[] {
  if (request === undefined) throw new Error('nothing was asked');
  const [codeClass = 0, detail = 0] = code.split('.').map(Number);
  peer.responds(request, codeOf(codeClass, detail));
  return peer.take();
}

/** Codes of answers, with their reasons. */
export function codes(messages: readonly CoapMessage[]): string[] {
  return messages.map(({ code, payload }) => `${codeText(code)} ${payload}`.trim());
}
