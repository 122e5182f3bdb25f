import { CHANGED } from '@portico/coap-endpoint';
import { Device as Peer, type RequestParts } from '@portico/coap-endpoint/testing';
import {
  type CoapMessage,
  ContentFormat,
  codeText,
  MessageType,
  Method,
  OptionNumber,
  ResponseCode,
  stringsOf,
  uintOption,
} from '@portico/codec-coap';
import {
  type AuthenticationAnswer,
  type ConnectionInfo,
  type Credentials,
  formatAddress,
  type GatewayContext,
  type MaybePromise,
  Message,
  type MessageProperties,
  type PeerAddress,
} from '@portico/core';
import { type TestClient, TestHub, type TestHubOptions } from '@portico/core/testing';
import { type Lwm2mConfig, lwm2mConfig } from './config.js';
import type { Device } from './device.js';
import type { Controller, DeviceControl } from './device-control.js';
import type { ObjectNames } from './device-lists.js';
import type { Firmware } from './firmware/firmware.js';
import { createGateway, type Lwm2mGateway } from './gateway.js';

/** What listeners there are in tests. */
export const LISTENERS = ['lwm2m:udp:default', 'lwm2m:dtls:default'];

/** Keeps what devices are to be done with. */
class RecordingController implements Controller {
  /** A line for each call that is not {@link DeviceControl.heard}. */
  readonly calls: string[] = [];
  /** Devices by the token, in hexadecimal, of an observation. */
  readonly observers = new Map<string, Device>();
  readonly #devices = new Map<string, Device>();

  control(device: Device): DeviceControl {
    return this.#control(device, 'control');
  }

  restore(device: Device): DeviceControl {
    return this.#control(device, 'restore');
  }

  forget(endpoint: string): void {
    this.calls.push(`${endpoint} forget`);
  }

  observer(token: Buffer): Device | undefined {
    return this.observers.get(token.toString('hex'));
  }

  /** The device that was managed last by that name. */
  device(endpoint: string): Device {
    const device = this.#devices.get(endpoint);
    if (device === undefined) throw new Error(`${endpoint} was never there`);
    return device;
  }

  take(): string[] {
    return this.calls.splice(0);
  }

  #control(device: Device, how: string): DeviceControl {
    const { endpoint } = device;
    const { calls } = this;
    this.#devices.set(endpoint, device);
    calls.push(`${endpoint} ${how}`);
    return {
      commands: [],
      accept: (topic, payload) => void calls.push(`${endpoint} accept ${topic} ${payload}`),
      registered: (way) => void calls.push(`${endpoint} registered ${way}`),
      updated: (objects) => void calls.push(`${endpoint} updated ${objects}`),
      heard() {},
      notified: ({ payload }) => void calls.push(`${endpoint} notified ${payload}`),
      sent: ({ payload }) => {
        calls.push(`${endpoint} sent ${payload}`);
        return CHANGED;
      },
      ended: (reason) => void calls.push(`${endpoint} ended ${reason}`),
      stop: () => void calls.push(`${endpoint} stop`),
    };
  }
}

/** What {@link Lwm2mTest} may be given in place of its defaults. */
export interface Lwm2mTestOptions extends TestHubOptions {
  /** Of objects; they have none by default. */
  readonly names?: ObjectNames;
  /** What is done with devices beyond knowing them; a {@link RecordingController} by default. */
  readonly controller?: (context: GatewayContext, config: Lwm2mConfig, firmware: Firmware) => Controller;
}

/** A hub with the LwM2M gateway, and peers without sockets. Time-outs are not random unless the test says so. */
export class Lwm2mTest {
  readonly name = 'lwm2m';
  readonly hub: TestHub;
  readonly gateway: Lwm2mGateway;
  readonly controller = new RecordingController();
  /** Has what devices publish. */
  readonly app: TestClient;
  /** By address, those that the gateway has spoken to first. */
  readonly reached = new Map<string, Peer>();
  #port = 50_000;

  constructor(config: Record<string, unknown> = {}, options: Lwm2mTestOptions = {}) {
    this.hub = new TestHub(options);
    const parsed = lwm2mConfig.parse({ ack_random_factor: 1, ...config });
    const context: GatewayContext = {
      ...this.hub.context('lwm2m'),
      log: options.log ?? this.hub.engine.log,
      reach: (listener, peer) => this.#reach(listener, peer)?.channel,
    };
    const { controller = () => this.controller } = options;
    this.gateway = createGateway(context, parsed, options.names ?? (() => undefined), (firmware) =>
      controller(context, parsed, firmware),
    );
    this.app = this.hub.client('app');
    this.app.subscribe('lwm2m/+/up/#');
  }

  /** Has the engine and the gateway take up what the store holds. @param listeners that there are */
  async start(listeners = LISTENERS): Promise<void> {
    await this.hub.engine.start();
    await this.gateway.prepare?.(listeners, []);
    for (const listener of listeners) this.gateway.opened?.(listener);
  }

  /** A peer at an address of its own. @param connection what the listener knows of it */
  peer(connection: Partial<ConnectionInfo> = {}): Peer {
    return new Peer(this, this.#port++, connection);
  }

  /** A peer whose device has registered, and been told so. @param query in place of the ordinary one */
  async registered(
    endpoint = 'dev1',
    query = 'lt=60&lwm2m=1.1&b=U',
    connection: Partial<ConnectionInfo> = {},
  ): Promise<Registered> {
    const peer = this.peer(connection);
    await register(peer, `ep=${endpoint}&${query}`);
    return { peer, path: locationIn(peer.take()) };
  }

  /** Moves time on. */
  wait(milliseconds: number): void {
    this.hub.clock.advance(milliseconds);
  }

  /** The counter `lwm2m.<name>`. */
  count(name: string): number {
    return this.hub.metrics.get(`lwm2m.${name}`);
  }

  /** Endpoint names of registered devices. */
  get devices(): string[] {
    return [...this.gateway.view.summaries()].map(({ endpoint }) => endpoint);
  }

  /** Answers every authentication. */
  authenticate(answer: (credentials: Credentials) => MaybePromise<AuthenticationAnswer>): void {
    this.hub.access.addAuthenticator({ name: 'test', authenticate: answer });
  }

  /** Someone sends a device a command. */
  command(
    endpoint: string,
    payload: string,
    qos: 0 | 1 = 1,
    topic = 'dn/x',
    properties?: MessageProperties,
  ): void {
    const timestamp = this.hub.clock.now();
    const message = { topic: `lwm2m/${endpoint}/${topic}`, payload: Buffer.from(payload) };
    this.hub.engine.publish(new Message({ ...message, qos, retain: false, timestamp, properties }));
  }

  /** No way but the plain one to who has not been heard. */
  #reach(listener: string, peer: PeerAddress): Peer | undefined {
    if (!listener.startsWith('lwm2m:udp:')) return undefined;
    const device = this.peer({ listener, peer });
    this.reached.set(formatAddress(peer), device);
    return device;
  }
}

/** A peer and where its device is registered. */
export interface Registered {
  readonly peer: Peer;
  /** `rd/<location>` */
  readonly path: string;
}

/** The objects of wakaama's lwm2mclient. */
export const OBJECTS =
  '</>;rt="oma.lwm2m";ct=110,</1>;ver=1.1,</1/0>,</2/0>,</3/0>,</4/0>,</5/0>,</6/0>,</7/0>,</31024>,</31024/10>,</31024/11>,</31024/12>';

/** A device registers. */
export function register(peer: Peer, query: string, payload = OBJECTS, parts: RequestParts = {}) {
  const options = [uintOption(OptionNumber.ContentFormat, ContentFormat.LinkFormat)];
  return peer.request(Method.POST, `rd?${query}`, { payload, options, ...parts });
}

/** A device updates its registration. @param path `rd/<location>` */
export function update(peer: Peer, path: string, query = '', payload = '') {
  return peer.request(Method.POST, query === '' ? path : `${path}?${query}`, { payload });
}

/** A device notifies, in a confirmable message. @param token hex */
export function notify(peer: Peer, messageId: number, token: string, payload: string) {
  return peer.sends({
    type: MessageType.CON,
    code: ResponseCode.Content,
    messageId,
    token: Buffer.from(token, 'hex'),
    options: [uintOption(OptionNumber.Observe, messageId)],
    payload: Buffer.from(payload),
  });
}

/** Where a device is registered, by the one answer there is. */
export function locationIn(answers: readonly CoapMessage[]): string {
  const [answer] = answers;
  if (answers.length !== 1 || answer?.code !== ResponseCode.Created) throw new Error('not registered');
  return stringsOf(answer, OptionNumber.LocationPath).join('/');
}

/** Response codes, and reasons where there are some: `4.00 ep is missing`. */
export function answers(peer: Peer): string[] {
  return peer.take().map(({ code, payload }) => `${codeText(code)} ${payload}`.trim());
}
