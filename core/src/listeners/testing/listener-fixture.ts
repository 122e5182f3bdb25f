import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { PresharedKeys } from '../../access/psk-lookup.js';
import type { TransportType } from '../../engine/client-info.js';
import { VirtualClock } from '../../runtime/clock.js';
import { type Logger, silentLogger } from '../../runtime/logger.js';
import { Metrics } from '../../runtime/metrics.js';
import { Timers } from '../../runtime/timers.js';
import type { Connection, ConnectionHandler, Listener } from '../connection.js';
import { createListener } from '../create-listener.js';
import { type ListenerConfig, listenersConfigSchema } from '../listener-config.js';

/** A log line as a test looks at it. */
export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly level: string;
  readonly message: string;
}

/** Handler of one connection that keeps what happens to it. */
export class RecordingHandler implements ConnectionHandler {
  readonly connection: Connection;
  /** What each `onData` brought. */
  readonly pieces: Buffer[] = [];
  /** Bytes received so far. */
  length = 0;
  writableCalls = 0;
  readonly closeReasons: string[] = [];
  /** What it answers to {@link mayBeSilent}. */
  patient = false;
  takesText = false;
  readonly #events = new EventEmitter();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** All that was received. */
  get received(): Buffer {
    return Buffer.concat(this.pieces);
  }

  onData(bytes: Buffer): void {
    this.pieces.push(Buffer.from(bytes));
    this.length += bytes.length;
    this.#events.emit('change');
  }

  onWritable(): void {
    this.writableCalls++;
    this.#events.emit('change');
  }

  mayBeSilent(): boolean {
    return this.patient;
  }

  /** Has nothing to answer, unless a test has it do something else. */
  onEnd(): void {
    this.connection.end();
  }

  onClose(reason: string): void {
    this.closeReasons.push(reason);
    this.#events.emit('change');
  }

  /** Waits until `condition` holds; looks whenever something happens on the connection. */
  async until(condition: (handler: this) => boolean): Promise<void> {
    while (!condition(this)) await once(this.#events, 'change');
  }

  /** The bytes received, as text, once there are so many. */
  async text(length: number): Promise<string> {
    await this.until(() => this.length >= length);
    return this.received.toString();
  }

  /** Why the connection was closed, once it is. */
  async closed(): Promise<string> {
    await this.until(() => this.closeReasons.length > 0);
    return this.closeReasons[0] as string;
  }
}

/** A started listener on a free port of 127.0.0.1, with a clock that stands still. */
export class TestListener {
  readonly clock = new VirtualClock();
  readonly metrics = new Metrics();
  readonly timers = new Timers(this.clock, (error) => {
    throw error;
  });
  readonly log: LogLine[] = [];
  readonly handlers: RecordingHandler[] = [];
  readonly listener: Listener;
  readonly #events = new EventEmitter();

  constructor(type: TransportType, config: ListenerConfig, psk?: PresharedKeys) {
    const key = `gateways.test.listeners.${type}.default`;
    const { clock, timers, metrics } = this;
    const context = { clock, timers, metrics, log: recordingLogger(this.log), psk };
    this.listener = createListener(type, `test:${type}:default`, key, config, context);
  }

  get port(): number {
    return this.listener.address.port;
  }

  get refused(): Readonly<Record<string, number>> {
    return this.listener.statistics.refused;
  }

  start(): Promise<void> {
    return this.listener.start((connection) => {
      const handler = new RecordingHandler(connection);
      this.handlers.push(handler);
      this.#events.emit('accepted');
      return handler;
    });
  }

  /** Closes the listener and all its connections. */
  async stop(): Promise<void> {
    await this.listener.close();
    for (const handler of this.handlers) handler.connection.destroy();
    await Promise.all(this.handlers.map((handler) => handler.closed()));
    this.timers.stop();
  }

  /** The connection accepted as number `index`, once it is. */
  async accepted(index = 0): Promise<RecordingHandler> {
    while (this.handlers.length <= index) await once(this.#events, 'accepted');
    return this.handlers[index] as RecordingHandler;
  }
}

/** Configuration of a listener on a free port of 127.0.0.1, with defaults filled in; it knows SockJS if that is set. */
export function listenerConfig(
  type: TransportType,
  settings: Readonly<Record<string, unknown>>,
): ListenerConfig {
  const webSocket = { path: '/mqtt', protocols: ['mqtt', 'mqttv3.1'], sockjs: settings.sockjs !== undefined };
  const schema = listenersConfigSchema([type], {}, webSocket);
  const listeners = schema.parse({ [type]: { default: { bind: '127.0.0.1:0', ...settings } } });
  return listeners[type]?.default as ListenerConfig;
}

/** Starts a listener that is stopped when the test is over. */
export async function openListener(
  t: TestContext,
  type: TransportType,
  settings: Readonly<Record<string, unknown>> = {},
  psk?: PresharedKeys,
): Promise<TestListener> {
  const listener = new TestListener(type, listenerConfig(type, settings), psk);
  await listener.start();
  t.after(() => listener.stop());
  return listener;
}

/** A connected client, closed when the test is over; its errors show in `close`. */
export async function openClient(t: TestContext, port: number, allowHalfOpen = false): Promise<Socket> {
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen });
  client.on('error', () => {});
  t.after(() => client.destroy());
  await once(client, 'connect');
  return client;
}

/** All that a client receives until the other side ends or breaks the connection. */
export function readAll(client: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    client.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    client.once('end', () => resolve(text));
    client.once('close', () => resolve(text));
  });
}

/** Waits until a client is closed, with or without an error. */
export function closed(client: Socket): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}

function recordingLogger(lines: LogLine[]): Logger {
  const record =
    (level: string) =>
    (fields: string | Readonly<Record<string, unknown>>, message = ''): void => {
      lines.push(typeof fields === 'string' ? { level, message: fields } : { ...fields, level, message });
    };
  return {
    ...silentLogger,
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    isLevelEnabled: (level) => level === 'info' || level === 'warn' || level === 'error',
    child: () => recordingLogger(lines),
  };
}
