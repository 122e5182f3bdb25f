import { Device, type GatewayUnderTest } from '@portico/coap-endpoint/testing';
import type { CoapMessage } from '@portico/codec-coap';
import {
  type AuthenticationAnswer,
  type AuthorizationAnswer,
  type Channel,
  type ConnectionInfo,
  type Gateway,
  type MaybePromise,
  Message,
} from '@portico/core';
import { TestHub, type TestHubOptions } from '@portico/core/testing';
import { coapConfig } from './config.js';
import { coapGateway } from './gateway.js';

/** A hub with the CoAP gateway, and devices without sockets. Time-outs are not random unless the test says so. */
export class CoapTest implements GatewayUnderTest<Channel<CoapMessage>> {
  readonly name = 'coap';
  readonly hub: TestHub;
  readonly gateway: Gateway<CoapMessage, CoapMessage>;
  #port = 50_000;

  constructor(config: Record<string, unknown> = {}, options: TestHubOptions = {}) {
    this.hub = new TestHub(options);
    const parsed = coapConfig.parse({ ack_random_factor: 1, ...config });
    const context = this.hub.context('coap');
    this.gateway = coapGateway.create({ ...context, log: options.log ?? context.log }, parsed);
  }

  /** A device at an address of its own. @param connection what the listener knows of it */
  device(connection: Partial<ConnectionInfo> = {}): Device {
    return new Device(this, this.#port++, connection);
  }

  /** Moves time on. */
  wait(milliseconds: number): void {
    this.hub.clock.advance(milliseconds);
  }

  /** The counter `coap.<name>`. */
  count(name: string): number {
    return this.hub.metrics.get(`coap.${name}`);
  }

  /** Client ids that have a session, in order. */
  get clients(): string[] {
    return [...this.hub.engine.sessions.keys()].sort();
  }

  /** Beginnings and ends of clients from now on, as hooks see them. */
  life(): readonly string[] {
    const events: string[] = [];
    this.hub.hooks.clientConnected.add('test', (_, client) => {
      events.push(`${client.clientId} connected`);
    });
    this.hub.hooks.clientDisconnected.add('test', (_, client, reason) => {
      events.push(`${client.clientId} disconnected: ${reason}`);
    });
    return events;
  }

  /** Answers every authentication. */
  authenticate(answer: (username: string | undefined) => MaybePromise<AuthenticationAnswer>): void {
    this.hub.access.addAuthenticator({ name: 'test', authenticate: ({ username }) => answer(username) });
  }

  /** Answers every question about publishing or about subscribing. */
  authorize(action: 'publish' | 'subscribe', answer: MaybePromise<AuthorizationAnswer>): void {
    this.hub.authorize(action, answer);
  }

  /** What clients of a filter are sent, as `topic=payload`. */
  listener(filter: string): { take(): string[] } {
    const client = this.hub.client(`listener of ${filter}`);
    client.subscribe(filter);
    return client;
  }

  /** Someone publishes. */
  publish(topic: string, payload: string, qos: 0 | 1 = 1, retain = false): void {
    const timestamp = this.hub.clock.now();
    this.hub.engine.publish(new Message({ topic, payload: Buffer.from(payload), qos, retain, timestamp }));
  }
}

/** A notification of the topic `a` as a device shows it. @param sequence its place among those before */
export function notification(sequence: number, payload: string, token = '01'): string {
  return `CON 2.05 Content token=${token} Observe=${sequence} Content-Format=application/octet-stream ${JSON.stringify(payload)}`;
}

/** A device that observes the topic `a` as `dev1`, its registration answered, with a gateway that pings nobody. */
export function observing(config: Record<string, unknown> = {}): { coap: CoapTest; device: Device } {
  const coap = new CoapTest({ keepalive: 0, ...config });
  const device = coap.device();
  device.observe('mqtt/a?c=dev1');
  device.take();
  return { coap, device };
}
