import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { listenersConfigSchema } from './listener-config.js';

const mqtt = listenersConfigSchema(
  ['tcp', 'tls', 'ws', 'wss'],
  {
    tcp: { default: { bind: '127.0.0.1:1883' } },
    ws: { default: { bind: '127.0.0.1:8083' } },
  },
  { path: '/mqtt', protocols: ['mqtt', 'mqttv3.1'] },
);
const coap = listenersConfigSchema(['udp', 'dtls'], {
  udp: { default: { bind: '127.0.0.1:5683' } },
});

function issuesOf(schema: z.ZodType, input: unknown): string[] {
  const issues = schema.safeParse(input).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('without configuration a gateway has its default listeners', () => {
  const listeners = mqtt.parse(undefined);
  assert.deepEqual(Object.keys(listeners), ['tcp', 'ws']);
  assert.deepEqual(listeners.tcp?.default?.bind, { host: '127.0.0.1', port: 1883 });
  assert.deepEqual(listeners.ws?.default?.bind, { host: '127.0.0.1', port: 8083 });
});

test('a configuration of listeners replaces the default ones', () => {
  const listeners = mqtt.parse({ tcp: { internal: { bind: 11883 } } });
  assert.deepEqual(Object.keys(listeners), ['tcp']);
  assert.deepEqual(Object.keys(listeners.tcp ?? {}), ['internal']);
  assert.deepEqual(listeners.tcp?.internal?.bind, { host: '0.0.0.0', port: 11883 });
});

test('bind is only needed where there is no default listener of that id, and the listener is to be opened', () => {
  const listeners = mqtt.parse({
    tcp: { default: { max_connections: 7 }, off: { enable: false } },
    ws: { default: { enable: false } },
  });
  assert.deepEqual(listeners.tcp?.default?.bind, { host: '127.0.0.1', port: 1883 });
  assert.equal(listeners.tcp.default.max_connections, 7);
  assert.deepEqual([listeners.tcp.off?.enable, listeners.ws?.default?.enable], [false, false]);
  assert.deepEqual(mqtt.parse({ tcp: { default: { bind: 1 } } }).tcp?.default?.bind, {
    host: '0.0.0.0',
    port: 1,
  });
  const files = { certfile: 'c', keyfile: 'k' };
  const wrong = {
    tcp: { other: {}, bad: { nodelay: 7 }, none: null, here: { bind: 'here' } },
    wss: { default: files },
  };
  const missing = issuesOf(mqtt, wrong).filter((issue) => issue.includes('.bind: Invalid input'));
  assert.deepEqual(
    missing.map((issue) => issue.split(':')[0]),
    ['tcp.other.bind', 'tcp.bad.bind', 'wss.default.bind'],
  );
  assert.equal(issuesOf(mqtt, wrong).length, missing.length + 3);
});

test('the defaults of a TCP listener', () => {
  assert.deepEqual(mqtt.parse({ tcp: { x: { bind: '1883' } } }).tcp?.x, {
    enable: true,
    bind: { host: '0.0.0.0', port: 1883 },
    max_connections: 1_024_000,
    max_conn_rate: 1000,
    access_rules: ['allow all'],
    proxy_protocol: false,
    proxy_protocol_timeout: 3000,
    backlog: 1024,
    send_timeout: 15_000,
    send_timeout_close: true,
    nodelay: true,
    tcp_keepalive: 600_000,
  });
});

test('the defaults that other kinds have beside or instead of these', () => {
  const files = { certfile: 'c.pem', keyfile: 'k.pem' };
  const wss = mqtt.parse({ wss: { x: { bind: 8084, ...files } } }).wss?.x;
  const expected = {
    max_connections: 102_400,
    verify: 'verify_none',
    fail_if_no_peer_cert: false,
    tls_versions: ['tlsv1.2', 'tlsv1.3'],
    honor_cipher_order: true,
    handshake_timeout: 15_000,
    path: '/mqtt',
    supported_protocols: ['mqtt', 'mqttv3.1'],
    fail_if_no_subprotocol: true,
    max_frame_size: 2 * 1024 * 1024,
    compress: false,
    idle_timeout: 15_000,
  };
  assert.deepEqual({ ...wss, ...expected }, wss);
  const udp = coap.parse(undefined).udp?.default;
  const udpExpected = { max_connections: 1_000_000, idle_timeout: 300_000, reuse_address: false };
  assert.deepEqual({ ...udp, ...udpExpected }, udp);
});

test('kinds that a gateway cannot have, unknown keys and wrong values are errors that name the key', () => {
  assert.match(issuesOf(mqtt, { udp: {} })[0] ?? '', /Unrecognized key: "udp"/);
  assert.match(issuesOf(mqtt, { tcp: { x: { bind: 1, recbuf: 1 } } })[0] ?? '', /^tcp\.x: .*"recbuf"/);
  assert.match(issuesOf(mqtt, { tcp: { x: {} } })[0] ?? '', /^tcp\.x\.bind: /);
  assert.match(issuesOf(mqtt, { tcp: { 'a b': { bind: 1 } } })[0] ?? '', /^tcp\.a b: /);
  assert.deepEqual(issuesOf(mqtt, { tcp: { x: { bind: 'here' } } }), [
    'tcp.x.bind: "here" must end in a port from 0 to 65535, such as 127.0.0.1:1883',
  ]);
  assert.match(
    issuesOf(mqtt, { tcp: { x: { bind: 1, access_rules: ['allow all', 'deny me'] } } })[0] ?? '',
    /^tcp\.x\.access_rules\.1: "deny me" is not a rule/,
  );
  assert.deepEqual(issuesOf(mqtt, { tcp: { x: { bind: 1, send_timeout: 0 } } }), [
    'tcp.x.send_timeout: must be from 10ms to 1h',
  ]);
  assert.match(
    issuesOf(mqtt, { ws: { x: { bind: 1, allowed_origins: ['*', 'app.example'] } } })[0] ?? '',
    /^ws\.x\.allowed_origins\.1: "app\.example" is no origin such as/,
  );
});

test('origins are kept as browsers write them', () => {
  const { ws } = mqtt.parse({ ws: { x: { bind: 1, allowed_origins: ['HTTPS://App.Example:443', 'null'] } } });
  assert.deepEqual(ws?.x, {
    ...mqtt.parse({ ws: { x: { bind: 1 } } }).ws?.x,
    allowed_origins: ['https://app.example', 'null'],
  });
});

test('a TLS listener that is to be opened needs its files', () => {
  const needed = (settings: object) => issuesOf(mqtt, { tls: { x: { bind: 8883, ...settings } } });
  assert.deepEqual(needed({}), [
    'tls.x.certfile: must be given for TLS',
    'tls.x.keyfile: must be given for TLS',
  ]);
  assert.deepEqual(needed({ enable: false }), []);
  assert.deepEqual(needed({ certfile: 'c', keyfile: 'k', verify: 'verify_peer' }), [
    'tls.x.cacertfile: must be given for TLS',
  ]);
});

test('a TLS listener needs no certificate when all its clients have pre-shared keys', () => {
  const problems = (settings: object) =>
    issuesOf(mqtt, { tls: { x: { bind: 8883, psk: true, ...settings } } });
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ certfile: 'c' }), ['tls.x.keyfile: must be given for TLS']);
  const further = [{ certfile: 'c', keyfile: 'k' }];
  assert.deepEqual(problems({ certificates: further }), [
    'tls.x.certfile: must be given for TLS',
    'tls.x.keyfile: must be given for TLS',
  ]);
});

test('keys without effect are errors that say what is missing', () => {
  const files = { certfile: 'c', keyfile: 'k' };
  const problems = (type: string, settings: object) =>
    issuesOf(mqtt, { [type]: { x: { bind: 1, ...settings } } });
  const secured: [object, string][] = [
    [{ crlfile: ['l'] }, 'crlfile: is of no use without verify: verify_peer'],
    [{ fail_if_no_peer_cert: true }, 'fail_if_no_peer_cert: is of no use without verify: verify_peer'],
    [{ depth: 1 }, 'depth: is of no use without verify: verify_peer'],
    [{ psk_ciphers: 'PSK' }, 'psk_ciphers: is of no use without psk: true'],
    [{ psk: true, ciphers: 'HIGH:!PSK' }, 'ciphers: takes away the cipher suites that psk: true needs'],
    [{ peer_cert_as_username: 'cn' }, 'peer_cert_as_username: is of no use without verify: verify_peer'],
    [{ peer_cert_as_clientid: 'dn' }, 'peer_cert_as_clientid: is of no use without verify: verify_peer'],
    [{ psk_identity_as_username: true }, 'psk_identity_as_username: is of no use without psk: true'],
  ];
  for (const [settings, problem] of secured) {
    for (const type of ['tls', 'wss']) {
      assert.deepEqual(problems(type, { ...files, ...settings }), [`${type}.x.${problem}`]);
      assert.deepEqual(problems(type, { enable: false, ...settings }), []);
    }
  }
  for (const type of ['tcp', 'ws']) {
    assert.deepEqual(problems(type, { peer_cert_as_username: 'cn' }), [
      `${type}.x.peer_cert_as_username: is of no use without proxy_protocol: true, by which a proxy passes certificates on`,
    ]);
    assert.deepEqual(problems(type, { peer_cert_as_username: 'cn', proxy_protocol: true }), []);
  }
});

test('a DTLS listener needs a key, unless all its clients have pre-shared ones', () => {
  const problems = (settings: object) => issuesOf(coap, { dtls: { x: { bind: 5684, ...settings } } });
  const lacking =
    'dtls.x.keyfile: must be given for DTLS, but where all clients have pre-shared keys (psk: true)';
  assert.deepEqual(problems({}), [lacking]);
  assert.deepEqual(problems({ enable: false }), []);
  assert.deepEqual(problems({ psk: true }), []);
  assert.deepEqual(problems({ psk: true, certfile: 'c' }), [lacking]);
  assert.deepEqual(problems({ psk: true, verify: 'verify_peer', cacertfile: 'a' }), [lacking]);
  assert.deepEqual(problems({ keyfile: 'k' }), []);
  assert.deepEqual(problems({ keyfile: 'k', certfile: 'c' }), []);
});

test('keys of a DTLS listener without effect, and values that are none, are errors', () => {
  const problems = (settings: object) =>
    issuesOf(coap, { dtls: { x: { bind: 1, keyfile: 'k', ...settings } } });
  const verifying = { verify: 'verify_peer', raw_public_keyfile: 'r' };
  const rawOnly = 'must be a SHA-256 fingerprint: 64 hexadecimal digits';
  const wrong: [object, string][] = [
    [{ verify: 'verify_peer' }, 'cacertfile: must be given, or raw_public_keyfile or raw_public_keys'],
    [{ ...verifying, crlfile: ['l'] }, 'crlfile: is of no use without cacertfile'],
    [{ fail_if_no_peer_cert: true }, 'fail_if_no_peer_cert: is of no use without verify: verify_peer'],
    [{ depth: 1 }, 'depth: is of no use without verify: verify_peer'],
    [{ raw_public_keyfile: 'r' }, 'raw_public_keyfile: is of no use without verify: verify_peer'],
    [{ raw_public_keys: ['ab'.repeat(32)] }, 'raw_public_keys: is of no use without verify: verify_peer'],
    [{ ...verifying, raw_public_keys: ['ab'] }, `raw_public_keys.0: ${rawOnly}`],
    [
      { raw_public_key_as_username: true },
      'raw_public_key_as_username: is of no use without raw_public_keyfile or raw_public_keys',
    ],
    [{ psk_identity_as_username: true }, 'psk_identity_as_username: is of no use without psk: true'],
    [{ peer_cert_as_username: 'cn' }, 'peer_cert_as_username: is of no use without verify: verify_peer'],
    [
      { ciphers: ['TLS_PSK_WITH_AES_128_CCM_8'] },
      'ciphers: has no suite that goes with what the listener has: psk: true, or a keyfile',
    ],
  ];
  for (const [settings, problem] of wrong) assert.deepEqual(problems(settings), [`dtls.x.${problem}`]);
  const [unknown = ''] = problems({ ciphers: ['AES128-SHA'] });
  assert.match(unknown, /^dtls\.x\.ciphers\.0: .*"TLS_PSK_WITH_AES_128_CCM_8"/);
  assert.deepEqual(problems({ ...verifying, raw_public_keys: [`${'AB:'.repeat(31)}AB`] }), []);
});

test('every key says in the JSON schema what it is for', () => {
  for (const schema of [mqtt, coap]) {
    const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
    for (const [kind, listeners] of Object.entries(json.properties ?? {})) {
      const keys = Object.entries(listeners.additionalProperties?.properties ?? {});
      assert.ok(keys.length > 8, kind);
      for (const [key, { description }] of keys) assert.ok(description, `${kind}.${key}`);
    }
  }
});

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
}
