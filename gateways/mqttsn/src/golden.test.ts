import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { QoS } from '@portico/core';
import { bytesOf, type Device, SnTest } from './testing.js';

/** One datagram of a device, or one message that the application publishes, and what all devices then receive. */
type Step = (
  | { readonly device: string; readonly message: string; readonly sends: string }
  | { readonly publish: { readonly topic: string; readonly payload: string; readonly qos: QoS } }
) & {
  readonly receives: readonly string[];
  /** What they received of the reference, where that is something else, and why it is. */
  readonly reference?: readonly string[];
  readonly why?: string;
};

const FILE = new URL('../vectors/emqx-exchange.json', import.meta.url);
const { steps, published } = JSON.parse(readFileSync(FILE, 'utf8')) as {
  readonly steps: readonly Step[];
  readonly published: readonly string[];
};

const CONFIG = {
  enable_qos3: true,
  predefined_topics: { '/predefined/topic/name/hello': 1, '/predefined/topic/name/nice': 2 },
};

/** Plays the devices of the recording. */
class Replay {
  readonly #it = new SnTest(CONFIG);
  readonly #devices = new Map<string, Device>();
  #lastRegister = '';

  constructor() {
    this.#it.app.subscribe('#', { qos: 2 });
  }

  async play(step: Step): Promise<string[]> {
    if ('publish' in step) this.#it.publish(step.publish.topic, step.publish.payload, step.publish.qos);
    else await this.#device(step.device).receives(step.sends.replace('<last>', this.#lastRegister));
    await this.#it.hub.nextTurn();
    return [...this.#devices.values()].flatMap((device) => this.#read(device));
  }

  #device(name: string): Device {
    const device = this.#devices.get(name) ?? this.#it.device();
    this.#devices.set(name, device);
    return device;
  }

  #read(device: Device): string[] {
    return device.take().map((message) => {
      const hex = bytesOf(message).toString('hex');
      if (message.type === 'register') this.#lastRegister = hex.slice(8, 12);
      return hex;
    });
  }

  /** What the application got, to the end of the client whose keep alive is the shortest. */
  get published(): string[] {
    this.#it.wait(10_000);
    return this.#it.app.take();
  }
}

test('the recorded exchange with the reference goes the same way, but for what differs on purpose', async () => {
  const replay = new Replay();
  for (const step of steps) {
    const what = 'publish' in step ? `publish ${step.publish.payload}` : step.message;
    assert.deepEqual(await replay.play(step), step.receives, what);
    assert.notDeepEqual(step.receives, step.reference, what);
    assert.equal(step.why === undefined, step.reference === undefined, what);
  }
  assert.deepEqual(replay.published, published);
});
