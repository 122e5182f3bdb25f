import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { createLogger, MemoryStore, type Store, VirtualClock } from '@portico/core';
import { frameOf, PHONE, Site, type TestTerminal } from './testing.js';

const REGISTRATION = {
  province: 58,
  city: 59,
  manufacturer: 'Infin',
  model: 'Q2',
  dev_id: 'xx11344',
  color: 3,
  license_number: 'ZA334455',
};

/** A service that answers as it is told, and remembers what it was asked. */
class Service {
  readonly asked: unknown[] = [];
  /** What was shown for HTTP Basic. */
  readonly authorizations: (string | undefined)[] = [];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  static async start(answer: (response: ServerResponse, question: Record<string, unknown>) => void) {
    const server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const question = JSON.parse(text) as Record<string, unknown>;
      service.asked.push(question);
      service.authorizations.push(request.headers.authorization);
      answer(response, question);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const service = new Service(server);
    services.push(service);
    return service;
  }

  /** One that answers with that JSON. */
  static answering(json: unknown, status = 200): Promise<Service> {
    return Service.start((response) => response.writeHead(status).end(JSON.stringify(json)));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const services: Service[] = [];
afterEach(() => {
  for (const service of services.splice(0)) service.stop();
});

/** Results of registrations and authentications that a terminal was sent. */
function results(sent: readonly { readonly body: unknown }[]): unknown[] {
  return sent.map(({ body }) => (body as { readonly result: number }).result);
}

test('JT-05: the registry is asked with what the terminal says, and gives the code', async () => {
  const registry = await Service.answering({ code: 0, authcode: '132456789' });
  const site = await Site.open({ registry_url: registry.url });
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  assert.deepEqual(registry.asked, [{ ...REGISTRATION, phone: PHONE }]);
  assert.deepEqual(terminal.look(), ['0x8100 {"seq":0,"result":0,"auth_code":"132456789"}']);
});

test('a service is shown name and password of its URL', async () => {
  const registry = await Service.answering({ code: 0, authcode: '132456789' });
  const site = await Site.open({ registry_url: registry.url.replace('://', '://ada:secret@') });
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  assert.deepEqual(registry.authorizations, [`Basic ${Buffer.from('ada:secret').toString('base64')}`]);
  assert.deepEqual(terminal.look(), ['0x8100 {"seq":0,"result":0,"auth_code":"132456789"}']);
});

test('JT-05: its codes 1 to 4 are the result; any other answer is result 1, counted', async () => {
  for (const [answer, result, failed] of [
    [{ code: 1 }, 1, 0],
    [{ code: 4 }, 4, 0],
    [{ code: 0 }, 1, 1],
    ['hello', 1, 1],
    [null, 1, 1],
  ] as const) {
    const registry = await Service.answering(answer);
    const site = await Site.open({ registry_url: registry.url });
    const terminal = site.terminal();
    await terminal.sends(0x0100, REGISTRATION);
    assert.deepEqual(results(terminal.take()), [result]);
    assert.equal(site.count('services.failed'), failed);
    assert.equal(site.count('registrations.refused'), 1);
  }
});

test('JT-05: a code that the terminal cannot be sent, or cannot send back, is a faulty answer', async () => {
  for (const [authcode, version, result, reason] of [
    ['', undefined, 1, 'has 0 bytes, not 1 to 1020'],
    ['c'.repeat(1020), undefined, 0, undefined],
    ['c'.repeat(1021), undefined, 1, 'has 1021 bytes, not 1 to 1020'],
    ['c'.repeat(255), 1, 0, undefined],
    ['c'.repeat(256), 1, 1, 'has 256 bytes, not 1 to 255'],
    ['\u{1f600}', undefined, 1, 'cannot be written in gbk'],
  ] as const) {
    const registry = await Service.answering({ code: 0, authcode });
    const lines: string[] = [];
    const output = { write: (line: string) => void lines.push(line) };
    const log = createLogger({ level: 'warn', format: 'text', output });
    const site = await Site.open({ registry_url: registry.url }, { log });
    const terminal = site.terminal();
    terminal.version = version;
    await terminal.sends(0x0100, REGISTRATION);
    assert.deepEqual(results(terminal.take()), [result]);
    assert.deepEqual(
      lines.map((line) => /reason="its authentication code (.*)"/.exec(line)?.[1]),
      reason === undefined ? [] : [reason],
    );
  }
});

test('a code of the registry proves who a terminal is: nobody else is asked, and no other code will do', async () => {
  const registry = await Service.answering({ code: 0, authcode: 'right' });
  const authentication = await Service.answering({});
  const site = await Site.open(
    { registry_url: registry.url, authentication_url: authentication.url },
    { policy: { allowAnonymous: false } },
  );
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  await terminal.sends(0x0102, { code: 'wrong' });
  await terminal.sends(0x0102, { code: 'right' });
  assert.deepEqual(results(terminal.take()), [0, 1, 0]);
  assert.deepEqual(authentication.asked, []);
});

test('a code that the hub has made proves nothing: access control decides', async () => {
  const site = await Site.open({}, { policy: { allowAnonymous: false } });
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  const [{ body } = { body: {} }] = terminal.take();
  await terminal.sends(0x0102, { code: (body as { auth_code: string }).auth_code });
  assert.deepEqual(results(terminal.take()), [1]);
});

test('a restart keeps the code', async () => {
  const store: Store = new MemoryStore({ durable: true });
  const clock = new VirtualClock();
  const registry = await Service.answering({ code: 0, authcode: 'right' });
  const config = { registry_url: registry.url };
  const options = { store, clock, policy: { allowAnonymous: false } };
  const before = (await Site.open(config, options)).terminal();
  await before.sends(0x0100, REGISTRATION);
  const after = (await Site.open(config, options)).terminal();
  await after.sends(0x0102, { code: 'right' });
  assert.deepEqual(results(after.take()), [0]);
});

/** A hub without a registry, which remembers a terminal of the time when it had one, with the code `secret`. */
async function siteWithoutRegistry(): Promise<Site> {
  const store: Store = new MemoryStore({ durable: true });
  const options = { store, clock: new VirtualClock(), policy: { allowAnonymous: false } };
  const registry = await Service.answering({ code: 0, authcode: 'secret' });
  const before = (await Site.open({ registry_url: registry.url }, options)).terminal();
  await before.sends(0x0100, REGISTRATION);
  return Site.open({}, options);
}

test('a code of the registry is told to nobody when the registry is asked no more, and still proves its terminal', async () => {
  const site = await siteWithoutRegistry();
  const stranger = site.terminal();
  await stranger.sends(0x0100, { ...REGISTRATION, dev_id: 'other' });
  assert.deepEqual(stranger.look(), ['0x8100 {"seq":0,"result":3}']);
  assert.equal(site.count('registrations.refused'), 1);
  const terminal = site.terminal();
  await terminal.sends(0x0102, { code: 'secret' });
  assert.deepEqual(results(terminal.take()), [0]);
  const { plate, device } = site.hub.engine.sessions.get(PHONE)?.status.details ?? {};
  assert.deepEqual([plate, device], ['ZA334455', 'Infinxx11344']);
});

test('one that has proven itself may register anew, and keeps its code', async () => {
  const site = await siteWithoutRegistry();
  const terminal = site.terminal();
  await terminal.sends(0x0102, { code: 'secret' });
  await terminal.sends(0x0100, { ...REGISTRATION, license_number: 'ZA000001' });
  assert.deepEqual(terminal.look()[1], '0x8100 {"seq":1,"result":0,"auth_code":"secret"}');
  await terminal.sends(0x0003);
  const back = site.terminal();
  await back.sends(0x0102, { code: 'wrong' });
  await back.sends(0x0102, { code: 'secret' });
  assert.deepEqual(results(back.take()), [1, 0]);
  assert.equal(site.hub.engine.sessions.get(PHONE)?.status.details?.plate, 'ZA000001');
});

test('what a terminal registers as anew holds when it has authenticated: that of a stranger never does', async () => {
  const authentication = await Service.start((response, { code }) => {
    response.writeHead(code === 'right' ? 200 : 403).end();
  });
  const site = await Site.open({ authentication_url: authentication.url });
  const plateOf = async (code: string, registration?: object): Promise<unknown> => {
    const terminal = site.terminal();
    if (registration !== undefined) await terminal.sends(0x0100, registration);
    await terminal.sends(0x0102, { code });
    return site.hub.engine.sessions.get(PHONE)?.status.details?.plate;
  };
  assert.equal(await plateOf('right', REGISTRATION), 'ZA334455');
  assert.equal(await plateOf('wrong', { ...REGISTRATION, license_number: 'of a stranger' }), 'ZA334455');
  assert.equal(await plateOf('right'), 'ZA334455');
  assert.equal(await plateOf('right', { ...REGISTRATION, license_number: 'ZA000001' }), 'ZA000001');
  assert.equal(await plateOf('right'), 'ZA000001');
});

test('a registration that ends too soon changes nothing of the one that is kept', async () => {
  const site = await Site.open();
  const terminal = site.terminal();
  await terminal.sends(0x0100, REGISTRATION);
  const [registered] = terminal.take();
  await terminal.sendsBytes(frameOf(0x0100, 1, Buffer.alloc(4)));
  const [again] = terminal.take();
  assert.deepEqual(again?.body, { ...(registered?.body as object), seq: 1 });
  await terminal.sends(0x0102, { code: 'abc' });
  assert.equal(site.hub.engine.sessions.get(PHONE)?.status.details?.plate, 'ZA334455');
});

test('of two connections of a terminal the one that asked last stays, whichever is answered first', async () => {
  const questions = new EventEmitter();
  const authentication = await Service.start((response) => questions.emit('question', response));
  const site = await Site.open({ authentication_url: authentication.url });
  const former = site.terminal();
  const question = once(questions, 'question');
  const admitted = former.sends(0x0102, { code: 'abc' });
  const [slow] = (await question) as [ServerResponse];
  questions.on('question', (response: ServerResponse) => response.writeHead(200).end());
  const later = await site.authenticated();
  slow.writeHead(200).end();
  await admitted;
  assert.equal(later.closed, undefined);
  assert.deepEqual(results(former.take()), [1]);
});

test('JT-06: where no code is kept the authentication service decides', async () => {
  const authentication = await Service.start((response, { code }) => {
    response.writeHead(code === 'right' ? 200 : 403).end();
  });
  const site = await Site.open(
    { authentication_url: authentication.url },
    { policy: { allowAnonymous: false } },
  );
  const terminal = site.terminal();
  await terminal.sends(0x0102, { code: 'wrong' });
  await terminal.sends(0x0102, { code: 'right' });
  assert.deepEqual(results(terminal.take()), [1, 0]);
  assert.deepEqual(authentication.asked, [
    { code: 'wrong', phone: PHONE },
    { code: 'right', phone: PHONE },
  ]);
});

test('a service that fails or answers without end lets nobody in; it is asked twice', async () => {
  const behaviours: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(503).end(),
    (response) => response.destroy(),
    (response) => response.writeHead(200).end(Buffer.alloc(100_000, 0x20)),
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  ];
  for (const behaviour of behaviours) {
    const service = await Service.start(behaviour);
    const site = await Site.open({ authentication_url: service.url, http_timeout: '5m' });
    const terminal = site.terminal();
    await terminal.sends(0x0102, { code: 'abc' });
    assert.deepEqual(results(terminal.take()), [1]);
    assert.equal(site.count('services.failed'), 1);
    assert.equal(service.asked.length, 2);
  }
});

test('a service that does not answer in time lets nobody in', async () => {
  const service = await Service.start(() => {});
  const site = await Site.open({ authentication_url: service.url, http_timeout: '10ms' });
  const terminal = site.terminal();
  await terminal.sends(0x0102, { code: 'abc' });
  assert.deepEqual(results(terminal.take()), [1]);
  assert.equal(site.count('services.failed'), 1);
});

test('a service that fails once is asked again', async () => {
  let failures = 1;
  const service = await Service.start((response) => response.writeHead(failures-- > 0 ? 500 : 200).end());
  const site = await Site.open({ authentication_url: service.url });
  const terminal = site.terminal();
  await terminal.sends(0x0102, { code: 'abc' });
  assert.deepEqual(results(terminal.take()), [0]);
});

test('a storm of terminals asks a service no more than 64 questions at a time, and all are answered', async () => {
  let open = 0;
  let most = 0;
  const service = await Service.start((response) => {
    most = Math.max(most, ++open);
    setImmediate(() => {
      open--;
      response.writeHead(200).end();
    });
  });
  const site = await Site.open({ authentication_url: service.url, http_timeout: '5m' });
  const terminals = Array.from({ length: 200 }, (_, index) => {
    const terminal = site.terminal();
    terminal.phone = String(100_000_000_000 + index);
    return terminal;
  });
  await Promise.all(terminals.map((terminal) => terminal.sends(0x0102, { code: 'abc' })));
  assert.ok(most <= 64);
  assert.deepEqual(
    terminals.flatMap((terminal) => results(terminal.take())),
    terminals.map(() => 0),
  );
});

test('a terminal that leaves while a service is asked is not connected', async () => {
  const service = await Service.start((response) => {
    terminal.channel.onClose('closed');
    response.writeHead(200).end();
  });
  const site = await Site.open({ authentication_url: service.url });
  const terminal = site.terminal();
  await terminal.sends(0x0102, { code: 'abc' });
  assert.equal(site.hub.engine.sessions.get(PHONE), undefined);
});

test('no more terminals may register than are remembered', async () => {
  const site = await Site.open({ max_terminals: 1 });
  const first = site.terminal();
  await first.sends(0x0100, REGISTRATION);
  const second = site.terminal();
  second.phone = '013900000000';
  await second.sends(0x0100, REGISTRATION);
  await first.sends(0x0100, { ...REGISTRATION, dev_id: 'other' });
  assert.deepEqual(results([...first.take(), ...second.take()]), [0, 0, 4]);
});

test('a terminal that registers on two connections at once counts once', async () => {
  const site = await Site.open({ max_terminals: 2 });
  const terminals = [site.terminal(), site.terminal(), site.terminal()];
  const [one, same, other] = terminals as [TestTerminal, TestTerminal, TestTerminal];
  other.phone = '013900000000';
  await Promise.all([one.sends(0x0100, REGISTRATION), same.sends(0x0100, REGISTRATION)]);
  await other.sends(0x0100, REGISTRATION);
  assert.deepEqual(
    terminals.map((terminal) => results(terminal.take())),
    [[0], [0], [0]],
  );
});

test('the edition of a registration holds for what follows, also after a restart', async () => {
  const store: Store = new MemoryStore({ durable: true });
  const clock = new VirtualClock();
  const terminal = (await Site.open({}, { store, clock })).terminal();
  // Of 2011: the model has 8 bytes.
  const registration = Buffer.concat([
    Buffer.from('001f0073', 'hex'),
    Buffer.from('12345M1      T000001\x02A12345'),
  ]);
  await terminal.sendsBytes(frameOf(0x0100, 0, registration));
  const site = await Site.open({}, { store, clock });
  const back = await site.authenticated();
  const media = { id: 7, type: 0, format: 0, event: 1, channel: 1 };
  await back.sendsBytes(frameOf(0x0801, 1, Buffer.from('0000000700000101ffd8', 'hex')));
  assert.deepEqual(site.bodies(), [{ ...media, multimedia: '/9g=' }]);
});
