import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Device as Peer } from '@portico/coap-endpoint/testing';
import { type CoapMessage, decode, isRequest, MessageType, Method, OptionNumber } from '@portico/codec-coap';
import { BootstrapTest } from './bootstrap/testing.js';
import { CommandTest } from './commands/testing/command-test.js';

/** What a client (`>`) and the gateway (`<`) sent each other, a datagram each in hexadecimal; `!` is a command. */
interface Exchange {
  readonly client: string;
  readonly lines: readonly string[];
}

const FILE = new URL('../vectors/recorded-exchanges.json', import.meta.url);
const { bootstraps, composite, firmware } = JSON.parse(readFileSync(FILE, 'utf8')) as {
  readonly bootstraps: readonly (Exchange & { readonly templates: readonly object[] })[];
  readonly composite: Exchange;
  readonly firmware: Exchange;
};

/** The random parts of a message left out. */
function essence({ type, code, options, payload }: CoapMessage) {
  const kept = options.filter(({ number }) => number !== OptionNumber.LocationPath);
  return {
    type,
    code,
    options: kept.map(({ number, value }) => `${number}=${value.toString('hex')}`),
    payload: payload.toString('hex'),
  };
}

/** The client's side of an exchange over again, its responses with what is random in our requests. */
class Replay {
  readonly #peer: Peer;
  /** The gateway's token of now by the recorded one, in hexadecimal. */
  readonly #tokens = new Map<string, Buffer>();
  #request: CoapMessage | undefined;
  readonly #received: CoapMessage[] = [];

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** @param command someone sends the device a command */
  async play(lines: readonly string[], command?: (json: string) => void): Promise<void> {
    for (const line of lines) {
      if (line.startsWith('!')) {
        command?.(line.slice(2));
        continue;
      }
      const recorded = decode(Buffer.from(line.slice(2), 'hex'));
      if (line.startsWith('>')) await this.#send(recorded);
      else this.#expect(recorded);
    }
  }

  #send(recorded: CoapMessage) {
    this.#received.push(...this.#peer.take());
    const token = this.#tokens.get(recorded.token.toString('hex')) ?? recorded.token;
    const { messageId } = (recorded.type === MessageType.ACK && this.#request) || recorded;
    return this.#peer.sends({ ...recorded, token: Buffer.from(token), messageId });
  }

  #expect(recorded: CoapMessage): void {
    this.#received.push(...this.#peer.take());
    const message = this.#received.shift();
    assert.ok(message, 'the gateway says nothing');
    assert.deepEqual(essence(message), essence(recorded));
    if (!isRequest(message.code)) return;
    this.#request = message;
    this.#tokens.set(recorded.token.toString('hex'), Buffer.from(message.token));
  }

  /** Whether the gateway has said nothing more than was recorded. */
  get over(): boolean {
    return this.#received.length === 0 && this.#peer.take().length === 0;
  }
}

for (const { client, templates, lines } of bootstraps) {
  test(`${client} is bootstrapped as it was`, async () => {
    const it = new BootstrapTest({ templates });
    const replay = new Replay(it.peer());
    await replay.play(lines);
    assert.ok(replay.over);
    assert.equal(it.count('bootstraps.finished') + it.count('packs.sent'), 1);
  });
}

test(`${firmware.client} is pushed a package as it was`, async () => {
  const it = new CommandTest();
  const replay = new Replay(it.peer);
  await replay.play(firmware.lines.slice(0, 2));
  const requests = firmware.lines
    .filter((line) => line.startsWith('<'))
    .map((line) => decode(Buffer.from(line.slice(2), 'hex')));
  const blocks = requests.filter(({ code }) => code === Method.PUT).map(({ payload }) => payload);
  assert.equal(blocks.length, 2);
  const data = { path: '/5/0', value: Buffer.concat(blocks).toString('base64') };
  it.it.command('anj5', JSON.stringify({ reqID: 1, msgType: 'firmware', data }));
  await replay.play(firmware.lines.slice(2));
  assert.ok(replay.over);
});

test(`${composite.client} is sent composite operations, and sends values, as it did`, async () => {
  const it = new CommandTest();
  const replay = new Replay(it.peer);
  await replay.play(composite.lines, (json) => it.it.command('anj6', json));
  assert.ok(replay.over);
  const told = it.it.app.take().map((line) => line.slice(line.indexOf('=') + 1));
  assert.deepEqual(
    told.slice(1).map((json) => valuesIn(json)),
    [
      ['read-composite', '2.05', '/3/0/0=Anjay', '/3/0/1=demo-client'],
      ['write-composite', '2.04'],
      ['observe-composite', '2.05', '/3/0/14=+02', '/3/0/15=Europe/Rome'],
      ['write', '2.04'],
      ['cancel-observe-composite', '2.05', '/3/0/14=+03', '/3/0/15=Europe/Rome'],
      ['send', undefined, '/3/0/1=demo-client'],
    ],
  );
});

/** `msgType`, code and values of a message to applications. */
function valuesIn(json: string): (string | undefined)[] {
  const { msgType, data } = JSON.parse(json) as {
    readonly msgType: string;
    readonly data: { readonly code?: string; readonly content?: readonly { path: string; value: unknown }[] };
  };
  const { code, content = [] } = data;
  return [msgType, code, ...content.map(({ path, value }) => `${path}=${value}`)];
}
