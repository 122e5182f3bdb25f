import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { Client } from './testing.js';

const BROKERS = ['emqx', 'rabbitmq', 'activemq'] as const;
type Broker = (typeof BROKERS)[number];

/** What one client sends, or what an application publishes, and what all clients then receive. */
type Step = (
  | { readonly client: string; readonly send: string }
  | { readonly publish: { readonly topic: string; readonly payload: string } }
) & {
  readonly receives: readonly string[];
  /** Why a broker sent something else. */
  readonly why?: { readonly [broker in Broker]?: string };
} & {
  /** What it sent; undefined where it was not asked. */
  readonly [broker in Broker]?: readonly string[];
};

/** Of `vectors/exchange.json`. */
interface Exchange {
  readonly steps: readonly Step[];
}

/** Headers that each broker fills as it likes. */
const OWN = new Set([
  'server',
  'session',
  'message-id',
  'content-length',
  'expires',
  'priority',
  'timestamp',
  'message',
]);

/** What matters of the frames of a step, in any order: headers that have to agree, and bodies but those of ERROR. */
function comparable(frames: readonly string[]): string[] {
  return frames.map(essence).sort();
}

function essence(frame: string): string {
  const end = frame.indexOf('\n\n');
  const [command = '', ...headers] = frame.slice(0, end).split('\n');
  if (command === 'ERROR') return command;
  const kept = headers
    .filter((header) => !OWN.has(header.slice(0, header.indexOf(':'))) && header !== 'redelivered:false')
    .map((header) => (header.startsWith('ack:') ? 'ack' : header));
  return [command, ...kept.sort(), frame.slice(end)].join('\n');
}

/** Plays the clients of the exchange, one step after the other. */
class Replay {
  readonly #hub = new TestHub();
  readonly #clients = new Map<string, Client>();
  readonly #application = this.#hub.client('application');

  constructor() {
    this.#hub.access.addAuthenticator({
      name: 'test',
      authenticate: ({ username, password }) =>
        username === 'guest' && password?.toString() !== 'guest'
          ? { answer: 'deny', refusal: 'bad_credentials' }
          : { answer: 'allow' },
    });
  }

  async play(step: Step): Promise<string[]> {
    if ('publish' in step) this.#application.publish(step.publish.topic, step.publish.payload);
    else {
      const client = this.#client(step.client);
      if (client.closed === undefined) await client.sends(repeated(step.send));
    }
    return [...this.#clients.values()].flatMap((client) => client.look().map(unnamed));
  }

  #client(name: string): Client {
    const client = this.#clients.get(name) ?? new Client(this.#hub);
    this.#clients.set(name, client);
    return client;
  }
}

/** `<3 x>` is xxx. */
function repeated(text: string): string {
  return text.replace(/<(\d+) (.)>/g, (_, count: string, what: string) => what.repeat(Number(count)));
}

/** Without what is different each time. */
function unnamed(frame: string): string {
  return frame.replace(/stomp-[0-9a-f-]{36}/, '<session>');
}

const { steps } = JSON.parse(
  readFileSync(new URL('../vectors/exchange.json', import.meta.url), 'utf8'),
) as Exchange;

test('a recorded exchange goes as with EMQX, RabbitMQ and ActiveMQ, but for differences that are named', async () => {
  const replay = new Replay();
  for (const step of steps) {
    const what = 'publish' in step ? step.publish.payload : step.send;
    assert.deepEqual(await replay.play(step), step.receives, what);
    for (const broker of BROKERS) {
      const theirs = step[broker];
      if (theirs === undefined) continue;
      const same = JSON.stringify(comparable(theirs)) === JSON.stringify(comparable(step.receives));
      assert.equal(step.why?.[broker] === undefined, same, `${broker}: ${what}`);
    }
  }
});
