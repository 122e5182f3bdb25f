import assert from 'node:assert/strict';
import type { Version } from '../spec/packets.js';
import type { Stage } from '../stage.js';
import type { Terminal } from '../terminal.js';
import type { Received } from '../wire/read.js';
import { ack, connect, type PropertyList, subscribe, unsubscribe } from '../wire/write.js';
import { type Owed, SessionModel } from './session-model.js';

const LASTS: PropertyList = [['Session Expiry Interval', 100]];

/** A client that knows what it may get, and fails when it gets something else. */
export class ClientModel {
  readonly #stage: Stage;
  readonly #name: string;
  /** Messages that the hub may have on their way to it. */
  readonly #window: number;
  #session: SessionModel | undefined;
  #terminal: Terminal | undefined;
  /** What has come on this connection and is still to be acknowledged, in the order in which it came. */
  #unanswered: Owed[] = [];

  constructor(stage: Stage, name: string, window: number) {
    this.#stage = stage;
    this.#name = name;
    this.#window = window;
  }

  get session(): SessionModel | undefined {
    return this.#session;
  }

  async connect(version: Version, clean: boolean): Promise<void> {
    const present = !clean && this.#session?.lasts === true;
    const terminal = await this.#stage.open(this.#name);
    terminal.version = version;
    const properties = clean ? [] : LASTS;
    terminal.send(connect({ version, clientId: this.#name, cleanStart: clean, properties }));
    const connack = await terminal.receive();
    assert.equal(connack.code, 0);
    assert.equal(connack.sessionPresent, present && version > 3, 'session present');
    if (!present) this.#session = new SessionModel(!clean);
    this.#terminal = terminal;
    this.#unanswered = [];
  }

  async drop(): Promise<void> {
    if (this.#terminal === undefined) return;
    await this.#stage.drop(this.#name);
    this.#terminal = undefined;
    if (this.#session?.lasts === false) this.#session = undefined;
  }

  async subscribe(filter: string, qos: number): Promise<void> {
    if (this.#terminal === undefined) return;
    const { version } = this.#terminal;
    this.#terminal.send(subscribe({ version, filters: [[filter, qos]] }));
    const suback = await this.#receive('suback');
    assert.deepEqual(suback?.codes, [qos]);
    this.#session?.subscriptions.set(filter, qos);
  }

  async unsubscribe(filter: string): Promise<void> {
    if (this.#terminal === undefined) return;
    const { version } = this.#terminal;
    this.#terminal.send(unsubscribe({ version, filters: [filter] }));
    assert.ok(await this.#receive('unsuback'));
    this.#session?.subscriptions.delete(filter);
  }

  /** Reads what has come, then acknowledges the first of it. @returns how much there was to acknowledge */
  async read(acknowledges: number): Promise<number> {
    if (this.#terminal === undefined) return 0;
    await this.#receive();
    const first = this.#unanswered.splice(0, acknowledges);
    for (const owed of first) await this.#acknowledge(this.#terminal, owed);
    return first.length;
  }

  async #acknowledge(terminal: Terminal, owed: Owed): Promise<void> {
    const { packetId, qos, progress } = owed;
    const { version } = terminal;
    if (qos === 2 && progress === 'sent') {
      owed.progress = 'received';
      terminal.send(ack('pubrec', { version, packetId }));
      assert.equal((await this.#receive('pubrel'))?.packetId, packetId, 'PUBREL');
      return;
    }
    owed.progress = 'done';
    terminal.send(ack(qos === 1 ? 'puback' : 'pubcomp', { version, packetId }));
    await this.#receive();
  }

  /** Takes in everything that has come. @returns the first packet of that type */
  async #receive(wanted?: Received['type']): Promise<Received | undefined> {
    const packets = (await this.#terminal?.receiveAll()) ?? [];
    for (const packet of packets) {
      if (packet.type === 'publish') this.#onPublish(packet);
      else if (packet.type === 'pubrel') this.#onPubrel(packet.packetId ?? 0);
    }
    assert.ok(this.#unanswered.length <= this.#window, `${this.#unanswered.length} in the window`);
    return packets.find(({ type }) => type === wanted);
  }

  #onPublish({ payload = '', topic, qos = 0, dup, packetId = 0 }: Received): void {
    const owed = this.#session?.message(Number(payload));
    assert.ok(owed !== undefined, `message ${payload} is nobody's`);
    const { progress } = owed;
    assert.deepEqual({ topic, qos }, { topic: owed.topic, qos: owed.qos }, `message ${payload}`);
    assert.ok(progress === 'waits' || progress === 'sent', `message ${payload} again when it is ${progress}`);
    assert.ok(dup || progress === 'waits', `message ${payload} again without DUP`);
    if (progress === 'waits' && qos > 0) {
      assert.equal(this.#session?.earlierThan(owed), undefined, `before message ${payload}`);
    }
    owed.progress = qos === 0 ? 'done' : 'sent';
    owed.packetId = packetId;
    if (qos > 0) this.#unanswered.push(owed);
  }

  #onPubrel(packetId: number): void {
    const owed = this.#session?.received(packetId);
    assert.ok(owed !== undefined, `PUBREL for ${packetId}, which waits for none`);
    this.#unanswered.push(owed);
  }
}
