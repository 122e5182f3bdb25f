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

/** A file of `vectors/`. Datagrams are in hexadecimal; `<last>` in one is the MsgId of the last REGISTER. */
interface Exchange {
  /** Where it is from. */
  readonly source: string;
  /** Of the gateway. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
  /** What an application that is subscribed to everything gets. */
  readonly published: readonly string[];
}

function readExchange(name: string): Exchange {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8')) as Exchange;
}

/** Plays the devices of an exchange, one step after the other. */
class Replay {
  readonly #it: SnTest;
  readonly #devices = new Map<string, Device>();
  #lastRegister = '';

  constructor({ config }: Exchange) {
    this.#it = new SnTest(config);
    this.#it.app.subscribe('#', { qos: 2 });
  }

  /** @returns what the devices have received then, in hexadecimal */
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

/** Files of `vectors/`: whose they are. */
const EXCHANGES: Readonly<Record<string, string>> = {
  'cc-mqttsn.json': 'cc.mqttsn.libs',
  'emqx-exchange.json': 'a device with the reference, but for what differs on purpose,',
  'java-client.json': 'the Java client of simon622/mqtt-sn',
  'mqtt-sn-tools.json': 'mqtt-sn-tools',
  'paho-gateway-tester.json': 'the gateway tester of Eclipse Paho',
  'rsmb-python-client.json': 'the Python client of Really Small Message Broker',
};

for (const [file, whose] of Object.entries(EXCHANGES)) {
  test(`the exchange of ${whose} goes as it was recorded`, async () => {
    const exchange = readExchange(file);
    const replay = new Replay(exchange);
    for (const step of exchange.steps) {
      const what = title(step);
      assert.deepEqual(await replay.play(step), step.receives, what);
      assert.notDeepEqual(step.receives, step.reference, what);
      assert.equal(step.why === undefined, step.reference === undefined, what);
    }
    assert.deepEqual(replay.published, exchange.published);
  });
}

function title(step: Step): string {
  return 'publish' in step ? `publish ${step.publish.payload}` : step.message;
}
