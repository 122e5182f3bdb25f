import assert from 'node:assert/strict';
import { Timers, VirtualClock } from '@portico/core';
import type { Connect, DeviceServices, Link, LinkEvents, Uplink } from './fleet/contract.js';
import { Random } from './fleet/random.js';
import { Tally } from './fleet/tally.js';

/** A connection without a socket, as the platform has it. */
export class MemoryLink implements Link {
  readonly #events: LinkEvents;
  readonly #sent: Buffer[] = [];
  /** What the device has done to its connection. */
  ended: 'ended' | 'destroyed' | undefined;

  constructor(events: LinkEvents) {
    this.#events = events;
  }

  /** The platform takes the connection. */
  opens(): this {
    this.#events.opened();
    return this;
  }

  /** The platform sends bytes. */
  sends(bytes: Buffer): void {
    this.#events.received(bytes);
  }

  /** The connection is gone. */
  closes(reason = 'ECONNRESET'): void {
    this.#events.closed(reason);
  }

  /** What the device has sent since the last look. */
  take(): Buffer {
    return Buffer.concat(this.#sent.splice(0));
  }

  send(bytes: Buffer): void {
    this.#sent.push(bytes);
  }

  end(): void {
    this.ended = 'ended';
  }

  destroy(): void {
    this.ended = 'destroyed';
    this.closes();
  }
}

/** A platform to which connections are opened, on a clock that a test moves. */
export class MemoryPlatform {
  readonly clock = new VirtualClock();
  readonly timers = new Timers(this.clock, (error) => {
    throw error;
  });
  readonly #links: MemoryLink[] = [];
  readonly connect: Connect = (events) => {
    const link = new MemoryLink(events);
    this.#links.push(link);
    return link;
  };

  /** Connections that devices have begun since the last look. */
  take(): MemoryLink[] {
    return this.#links.splice(0);
  }

  /** The only connection since the last look. */
  takeOne(): MemoryLink {
    const links = this.take();
    const [link] = links;
    assert.ok(link !== undefined && links.length === 1, `${links.length} connections`);
    return link;
  }
}

/** What a device without a fleet uses, and a way out that keeps what is sent. */
export class TestUplink implements Uplink {
  readonly clock = new VirtualClock();
  readonly tally = new Tally();
  readonly services: DeviceServices;
  /** What the device has said of its login, and whether it has hung up. */
  readonly said: string[] = [];
  readonly #sent: Buffer[] = [];

  constructor() {
    const timers = new Timers(this.clock, (error) => {
      throw error;
    });
    this.services = { index: 0, clock: this.clock, timers, random: new Random(1), tally: this.tally };
  }

  send(bytes: Buffer): void {
    this.#sent.push(bytes);
  }

  accepted(): void {
    this.said.push('accepted');
  }

  refused(reason: string): void {
    this.said.push(`refused: ${reason}`);
  }

  lost(reason: string): void {
    this.said.push(`lost: ${reason}`);
  }

  hangUp(): void {
    this.said.push('hung up');
  }

  /** What was sent since the last look. */
  take(): Buffer {
    return Buffer.concat(this.#sent.splice(0));
  }
}

/** How often a platform looks at what a device has sent, in milliseconds. */
const LOOK_INTERVAL = 10_000;

/**
 * A device, and the platform that it talks to.
 * @template Said what the device says
 */
export abstract class DeviceSite<Said> {
  readonly uplink = new TestUplink();

  /** What the device has sent since the last look; nothing of it may be wrong. */
  take(): Said[] {
    return this.decode(this.uplink.take());
  }

  /** The only message since the last look. */
  takeOne(): Said {
    const said = this.take();
    const [one] = said;
    assert.ok(one !== undefined && said.length === 1, JSON.stringify(said));
    return one;
  }

  /** The reports since the last look. */
  reports(): Said[] {
    return this.take().filter((said) => this.isReport(said));
  }

  /** Time passes, and the platform takes what it gets. @returns that */
  passes(milliseconds: number): Said[] {
    const all: Said[] = [];
    for (let passed = 0; passed < milliseconds; passed += LOOK_INTERVAL) {
      this.uplink.clock.advance(LOOK_INTERVAL);
      const said = this.take();
      for (const message of said) this.accepts(message);
      all.push(...said);
    }
    return all;
  }

  /** The messages in these bytes; asserts that nothing of them is wrong. */
  protected abstract decode(bytes: Buffer): Said[];

  /** Whether a message is what the device reports of itself again and again. */
  protected abstract isReport(said: Said): boolean;

  /** The platform answers that it has taken a message. */
  protected abstract accepts(said: Said): void;
}
