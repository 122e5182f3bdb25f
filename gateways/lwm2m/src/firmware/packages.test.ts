import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { TestHub } from '@portico/core/testing';
import { allowedUrl } from './allowed-url.js';
import { PackageError } from './package-error.js';
import { PackageStore } from './package-store.js';
import { Packages } from './packages.js';
import { fileServer } from './testing/file-server.js';

const MINUTE = 60_000;

function newPackages(t: TestContext, maxBytes = 1000, max_size = 500) {
  const { clock, timers } = new TestHub();
  const store = new PackageStore({ maxBytes, expiry: 60 * MINUTE }, clock, timers);
  const packages = new Packages({ max_size, download_timeout: MINUTE }, store, timers);
  t.after(() => packages.close());
  return { clock, store, packages };
}

const failsWith = (reason: RegExp) => (error: unknown) =>
  error instanceof PackageError && reason.test(error.message);

test('a package is downloaded once for many devices, and anew when it may have changed', async (t) => {
  const { clock, store, packages } = newPackages(t);
  const { url, asked } = await fileServer(t, (_, response) => response.end(Buffer.alloc(400, 1)));
  const both = await Promise.all([packages.get({ url: `${url}a` }), packages.get({ url: `${url}a` })]);
  assert.equal(both[0], both[1]);
  assert.equal(await packages.get({ url: `${url}a` }), both[0]);
  assert.deepEqual(asked, ['/a']);
  assert.equal(store.bytes, 400);
  clock.advance(5 * MINUTE);
  assert.notEqual(await packages.get({ url: `${url}a` }), both[0]);
  assert.equal(asked.length, 2);
  assert.equal(store.find(both[0].id), both[0]);
});

test('a package of a URL that expires does not take the later one of that URL with it', async (t) => {
  const { clock, store, packages } = newPackages(t);
  const { url, asked } = await fileServer(t, (_, response) => response.end(Buffer.alloc(100, 1)));
  const earlier = await packages.get({ url });
  clock.advance(58 * MINUTE);
  const later = await packages.get({ url });
  clock.advance(2 * MINUTE);
  assert.equal(store.find(earlier.id), undefined);
  assert.equal(await packages.get({ url }), later);
  assert.equal(asked.length, 2);
});

test('a package whose server does not tell its length takes no more room than it is long', async (t) => {
  const { store, packages } = newPackages(t);
  const { url } = await fileServer(t, (_, response) => {
    response.write(Buffer.alloc(100, 1));
    response.end(Buffer.alloc(50, 2));
  });
  const { bytes } = await packages.get({ url });
  assert.equal(bytes.length, 150);
  assert.equal(store.bytes, 150);
});

const FAILURES: readonly {
  readonly what: string;
  readonly reason: RegExp;
  readonly answer: Parameters<typeof fileServer>[1];
}[] = [
  {
    what: 'that is too long by what its server says',
    reason: /longer than 500 bytes/,
    answer: (_, response) => response.writeHead(200, { 'content-length': 501 }).end(Buffer.alloc(501)),
  },
  {
    what: 'that turns out to be too long',
    reason: /longer than 500 bytes/,
    answer: (_, response) => {
      response.write(Buffer.alloc(300));
      response.end(Buffer.alloc(201));
    },
  },
  {
    what: 'that is not there',
    reason: /HTTP 404/,
    answer: (_, response) => response.writeHead(404).end('no'),
  },
  {
    what: 'that is elsewhere',
    reason: /redirect/,
    answer: (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
  },
  { what: 'that is empty', reason: /empty/, answer: (_, response) => response.end() },
  {
    what: 'whose download breaks off',
    reason: /cannot be downloaded/,
    answer: (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write(Buffer.alloc(10), () => response.destroy());
    },
  },
];

for (const { what, reason, answer } of FAILURES) {
  test(`a package ${what} is not taken, and nothing is left of it`, async (t) => {
    const { store, packages } = newPackages(t);
    const { url } = await fileServer(t, answer);
    await assert.rejects(async () => packages.get({ url }), failsWith(reason));
    assert.equal(store.bytes, 0);
  });
}

test('a download that takes too long is given up', async (t) => {
  const { clock, store, packages } = newPackages(t);
  let came: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    came = resolve;
  });
  const { url } = await fileServer(t, () => came());
  const pending = assert.rejects(async () => packages.get({ url }), failsWith(/too long/));
  await asked;
  clock.advance(MINUTE);
  await pending;
  assert.equal(store.bytes, 0);
});

test('packages that are not used make room for others; those on their way to devices stay', (t) => {
  const { clock, store, packages } = newPackages(t);
  const get = (fill: number) => packages.get({ bytes: Buffer.alloc(400, fill) });
  const first = get(1);
  assert.equal(get(1), first);
  const second = get(2);
  assert.ok('id' in first && 'id' in second);
  const over = store.hold(first);
  const third = get(3);
  assert.equal(store.find(second.id), undefined);
  assert.equal(store.find(first.id), first);
  assert.ok('id' in third);
  store.hold(third);
  assert.throws(() => get(4), failsWith(/no room/));
  over();
  clock.advance(MINUTE);
  get(4);
  assert.equal(store.find(first.id), undefined);
  assert.equal(store.bytes, 800);
  assert.throws(() => packages.get({ bytes: Buffer.alloc(501) }), failsWith(/longer than 500 bytes/));
});

test('a package that a device fetches makes no room for others, until a minute after its last block', (t) => {
  const { clock, packages, store } = newPackages(t, 500);
  const fetched = packages.get({ bytes: Buffer.alloc(400, 1) });
  assert.ok('id' in fetched && store.find(fetched.id) !== undefined);
  assert.throws(() => packages.get({ bytes: Buffer.alloc(400, 2) }), failsWith(/no room/));
  assert.equal(store.find(fetched.id), fetched);
  clock.advance(MINUTE);
  packages.get({ bytes: Buffer.alloc(400, 2) });
  assert.equal(store.find(fetched.id), undefined);
});

test('a package expires when it has not been used for so long, unless it is on its way', (t) => {
  const { clock, store, packages } = newPackages(t);
  const used = packages.get({ bytes: Buffer.alloc(10, 1) });
  const held = packages.get({ bytes: Buffer.alloc(10, 2) });
  packages.get({ bytes: Buffer.alloc(10, 3) });
  assert.ok('id' in used && 'id' in held);
  const over = store.hold(held);
  clock.advance(40 * MINUTE);
  assert.equal(store.find(used.id), used);
  clock.advance(20 * MINUTE);
  assert.equal(store.bytes, 20);
  clock.advance(60 * MINUTE);
  assert.equal(store.bytes, 10);
  over();
  clock.advance(120 * MINUTE);
  assert.equal(store.bytes, 0);
});

test('only URLs at or below the configured ones are fetched', () => {
  const prefixes = ['https://files.example/fw/', 'http://10.0.0.1:8080/'];
  const resolved = (url: string) => allowedUrl(url, prefixes);
  assert.equal(resolved('https://files.example/fw/a.bin?v=1#x'), 'https://files.example/fw/a.bin?v=1');
  assert.equal(resolved('http://10.0.0.1:8080/x'), 'http://10.0.0.1:8080/x');
  for (const url of [
    'https://files.example/a.bin',
    'https://files.example/fw/../a.bin',
    'https://files.example/fw/%2e%2e/a.bin',
    'https://files.example/fw/..%2fa.bin',
    'https://files.example.evil/fw/a.bin',
    'https://files.example:444/fw/a.bin',
    'https://user:pw@files.example/fw/a.bin',
    'http://files.example/fw/a.bin',
    'file:///etc/passwd',
    'a.bin',
  ]) {
    assert.equal(resolved(url), undefined, url);
  }
});
