import { VirtualClock } from '@portico/core';
import { LocalHub, nextTurn } from '@portico/test';
import type { Sequence } from './sequence.js';
import type { Version } from './spec/packets.js';
import { Terminal } from './terminal.js';

const LISTENER = 'mqtt:tcp:default';

/** A hub with its own clock and one MQTT listener, and the clients of one sequence. */
export class Stage {
  readonly clock: VirtualClock;
  readonly hub: LocalHub;
  /** That of clients which do not say theirs. */
  readonly version: Version;
  readonly #clients = new Map<string, Terminal>();

  private constructor(hub: LocalHub, clock: VirtualClock, version: Version) {
    this.hub = hub;
    this.clock = clock;
    this.version = version;
  }

  static async open({ config, sections, version }: Sequence): Promise<Stage> {
    const clock = new VirtualClock();
    const listeners = { tcp: { default: { bind: '127.0.0.1:0' } } };
    const mqtt = { listeners, ...config };
    const off = { enable: false };
    const gateways = { mqtt, coap: off, lwm2m: off, mqttsn: off, tcp: off };
    // JSON is YAML.
    const text = JSON.stringify({ ...sections, gateways });
    return new Stage(await LocalHub.start(text, undefined, clock), clock, version);
  }

  /** Connects a client that is not there yet. */
  async open(name: string): Promise<Terminal> {
    const client = await Terminal.connect(this.hub.port(LISTENER), this.version);
    this.#clients.get(name)?.destroy();
    this.#clients.set(name, client);
    return client;
  }

  client(name: string): Terminal {
    const client = this.#clients.get(name);
    if (client === undefined) throw new Error(`no client ${name}`);
    return client;
  }

  /** Breaks a client's connection and waits until the hub has noticed. */
  async drop(name: string): Promise<void> {
    const before = this.hub.connections(LISTENER);
    this.client(name).destroy();
    this.#clients.delete(name);
    while (this.hub.connections(LISTENER) >= before) await nextTurn();
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy();
    await this.hub.stop();
  }
}
