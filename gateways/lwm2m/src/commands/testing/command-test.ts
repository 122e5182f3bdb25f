import { setImmediate } from 'node:timers/promises';
import type { RequestParts } from '@portico/coap-endpoint/testing';
import {
  blockOption,
  type CoapMessage,
  type CoapOption,
  codeOf,
  isRequest,
  MessageType,
  OptionNumber,
  uintOption,
} from '@portico/codec-coap';
import { formatAddress, silentLogger } from '@portico/core';
import { TestStore } from '@portico/core/testing';
import type { PackageStore } from '../../firmware/package-store.js';
import { loadObjectModel } from '../../objects/load-object-model.js';
import { LISTENERS, Lwm2mTest, type Lwm2mTestOptions, locationIn, register, update } from '../../testing.js';
import { CommandController } from '../command-controller.js';
import { requestText } from './parts.js';

/** The objects that come with Portico. */
const MODEL = loadObjectModel(undefined, silentLogger);

/** Objects of a device that lists no formats. */
const OBJECTS = '</1/0>,</3/0>,</5/0>,</31024/10>';

/** A response of a device: `2.05`, its content format, its payload in hexadecimal. */
export interface ResponseParts extends Omit<RequestParts, 'payload' | 'token'> {
  readonly format?: number;
  readonly hex?: string;
  readonly observe?: number;
}

/** A gateway that takes commands, with one device, `dev1`, and a store that outlives it. */
export class CommandTest {
  readonly it: Lwm2mTest;
  /** Where the device is. */
  peer: ReturnType<Lwm2mTest['peer']>;
  /** `rd/<location>` */
  path = '';
  readonly #config: Record<string, unknown>;
  readonly #store: TestStore;
  #packages: PackageStore | undefined;
  /** Requests that came with the answer to the registration. */
  #early: CoapMessage[] = [];

  constructor(config: Record<string, unknown> = {}, options: Lwm2mTestOptions & { store?: TestStore } = {}) {
    this.#config = config;
    this.#store = options.store ?? new TestStore();
    this.it = new Lwm2mTest(config, {
      ...options,
      store: this.#store,
      controller: (context, parsed, firmware) => {
        this.#packages = firmware.store;
        return new CommandController(context, parsed, MODEL, firmware);
      },
    });
    this.peer = this.it.peer();
  }

  /** The device registers, and what is published of that is passed over. */
  async register(query = 'lt=3600&lwm2m=1.1&b=U', objects = OBJECTS): Promise<void> {
    await register(this.peer, `ep=dev1&${query}`, objects);
    const [created, ...others] = this.peer.take();
    this.path = locationIn(created === undefined ? [] : [created]);
    this.#early = others.filter(({ code }) => isRequest(code));
    this.#passOver('register');
  }

  /** The device updates its registration. */
  async update(query = '', objects = ''): Promise<void> {
    await update(this.peer, this.path, query, objects);
    this.#passOver('update');
  }

  #passOver(msgType: string): void {
    this.#seen.push(...this.it.app.take().filter((line) => !line.includes(`"msgType":"${msgType}"`)));
  }

  readonly #seen: string[] = [];

  /** The hub falls, or is stopped, and another one goes on with what is stored; the device is where it was. */
  async restarts(how: 'falls' | 'stops' = 'falls'): Promise<CommandTest> {
    if (how === 'stops') this.it.gateway.stop?.();
    const after = this.#next();
    await after.it.start();
    await after.it.hub.nextTurn();
    after.peer = after.it.reached.get(formatAddress(this.peer.peer.info.peer)) ?? after.peer;
    return after;
  }

  /** The hub falls, and another one has read what is stored, but made no session yet. */
  async beginsAnew(): Promise<CommandTest> {
    const after = this.#next();
    await after.it.hub.engine.start();
    await after.it.gateway.prepare?.(LISTENERS, []);
    return after;
  }

  #next(): CommandTest {
    const after = new CommandTest(this.#config, { store: this.#store, clock: this.it.hub.clock });
    after.path = this.path;
    return after;
  }

  /** Someone sends the device a command. @param expiry of its message, in seconds */
  command(command: object | string, expiry?: number): void {
    const payload = typeof command === 'string' ? command : JSON.stringify(command);
    const properties = expiry === undefined ? undefined : { messageExpiryInterval: expiry };
    this.it.command('dev1', payload, 1, 'dn/x', properties);
  }

  /** The requests that the device has got since the last look. */
  requests(): CoapMessage[] {
    const early = this.#early;
    this.#early = [];
    return [...early, ...this.peer.take()].filter(({ code }) => isRequest(code));
  }

  /** The only request that it has got. */
  request(): CoapMessage {
    const [request, another] = this.requests();
    if (request === undefined || another !== undefined) throw new Error('not one request');
    return request;
  }

  /** {@link requests}, a line each: `GET /3/0/9`. */
  look(): string[] {
    return this.requests().map((request) => this.line(request));
  }

  /** A request in one line, with its payload in hexadecimal. */
  line({ code, options, payload }: CoapMessage): string {
    return requestLine(code, options, payload);
  }

  /** The next requests, which the device gets for something that happens outside the hub. */
  nextRequests(): Promise<CoapMessage[]> {
    return eventually(() => this.requests());
  }

  /** The next messages that are published for something that happens outside the hub. */
  nextPublished(): Promise<string[]> {
    return eventually(() => this.published());
  }

  /** The package of a URL has been downloaded. */
  async downloaded(url: string): Promise<void> {
    await eventually(() => (this.#packages?.latest(url) === undefined ? [] : [url]));
    await setImmediate();
  }

  /** Bytes of the packages that are there. */
  get packageBytes(): number {
    return this.#packages?.bytes ?? 0;
  }

  /** The device answers a request. */
  responds(
    request: CoapMessage,
    code: string,
    { format, hex = '', observe, ...parts }: ResponseParts = {},
  ): void {
    const options = [...(parts.options ?? [])];
    if (observe !== undefined) options.push(uintOption(OptionNumber.Observe, observe));
    if (format !== undefined) options.push(uintOption(OptionNumber.ContentFormat, format));
    this.peer.responds(request, codeByte(code), { ...parts, options, payload: Buffer.from(hex, 'hex') });
  }

  /** The device notifies of what a request observes, by a message that wants no acknowledgement. */
  notifies(request: CoapMessage, observe: number, hex: string, parts: ResponseParts = {}): void {
    this.responds(request, '2.05', { type: MessageType.NON, format: 11542, observe, hex, ...parts });
  }

  /** A Block2 option of a response, in blocks of 64 bytes. */
  block2(num: number, more: boolean): CoapOption {
    return blockOption(OptionNumber.Block2, { num, more, size: 64 });
  }

  /** A Block1 option of a response, in blocks of 1024 bytes. */
  block1(num: number, more: boolean): CoapOption {
    return blockOption(OptionNumber.Block1, { num, more, size: 1024 });
  }

  /** What has been published since the last look, without `lwm2m/dev1/up/`. */
  published(): string[] {
    return [...this.#seen.splice(0), ...this.it.app.take()].map((line) => line.replace('lwm2m/dev1/up/', ''));
  }

  /** `state` and `reqID` of its commands, as operators see them. @param which the states; those of commands that wait */
  states(which = ['sent', 'queued']): string[] {
    const commands = this.it.gateway.view.commands('dev1') ?? [];
    return commands
      .filter(({ state }) => which.includes(state))
      .map(({ state, reqID }) => `${state} ${reqID}`);
  }
}

/** What is there when something has happened, one turn of the event loop after the other. */
async function eventually<T>(look: () => T[]): Promise<T[]> {
  let found = look();
  while (found.length === 0) {
    await setImmediate();
    found = look();
  }
  return found;
}

function requestLine(code: number, options: CoapMessage['options'], payload: Buffer): string {
  return requestText({ method: code as 1, options, payload });
}

function codeByte(code: string): number {
  const [codeClass = 0, detail = 0] = code.split('.').map(Number);
  return codeOf(codeClass, detail);
}
