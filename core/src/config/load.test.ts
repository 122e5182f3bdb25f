import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { PorticoError } from '../runtime/errors.js';
import { type ConfigInput, type ConfigResult, loadConfig } from './load.js';
import { formatProblem } from './problem.js';
import { byteRate, byteSize, duration } from './units.js';

const listener = z.strictObject({
  bind: z.string().regex(/^[\d.]+:\d+$/, 'an address such as 127.0.0.1:1883'),
  max_connections: z.int().min(1).max(1_000_000).default(1000),
  key_password: z.string().optional(),
  rate: byteRate().optional(),
});

/** A small hub: the shapes that the real schema is made of. */
const schema = z.strictObject({
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn']).default('info'), file: z.string().optional() })
    .prefault({}),
  access: z
    .strictObject({
      allow_anonymous: z.boolean().optional(),
      users: z
        .array(
          z.strictObject({
            username: z.string().min(1),
            password: z.string(),
            is_superuser: z.boolean().default(false),
          }),
        )
        .default([]),
    })
    .prefault({}),
  gateways: z
    .strictObject({
      mqtt: z
        .strictObject({
          enable: z.boolean().default(true),
          keepalive_backoff: z.number().min(0.5).max(2).default(1.5),
          idle_timeout: duration().prefault('15s'),
          max_packet_size: byteSize().prefault('1MB'),
          listeners: z
            .strictObject({
              tcp: z.record(z.string().regex(/^\w+$/, 'letters, digits and _'), listener).default({}),
              tls: z
                .record(
                  z.string(),
                  listener
                    .safeExtend({ cert: z.string().optional(), key: z.string().optional() })
                    .refine(
                      (tls) => (tls.cert === undefined) === (tls.key === undefined),
                      'cert and key go together',
                    ),
                )
                .default({}),
            })
            .prefault({}),
        })
        .prefault({}),
    })
    .prefault({}),
});

const reserved = ['management', 'access.psk_file', 'gateways.stomp'];

function load(text: string, env: Record<string, string> = {}): ConfigResult<z.output<typeof schema>> {
  return loadConfig({ schema, file: 'portico.yaml', text, env, reserved });
}

function accepted(text: string, env: Record<string, string> = {}): z.output<typeof schema> {
  const result = load(text, env);
  assert.deepEqual(problemsOf(result), []);
  assert.ok(result.ok);
  return result.config;
}

function problemsOf(result: ConfigResult<unknown>): string[] {
  return result.ok ? [] : result.problems.map(formatProblem);
}

function problems(text: string, env: Record<string, string> = {}): string[] {
  return problemsOf(load(text, env));
}

test('an empty file and an empty section stand for the defaults', () => {
  const defaults = accepted('');
  assert.equal(defaults.log.level, 'info');
  assert.equal(defaults.gateways.mqtt.idle_timeout, 15_000);
  assert.deepEqual(accepted('# nothing but a comment\n'), defaults);
  assert.deepEqual(accepted('gateways:\n  mqtt:\n    # enable: false\nlog: {}\n'), defaults);
});

test('values are read with their units', () => {
  const { mqtt } = accepted(
    'gateways:\n  mqtt:\n    idle_timeout: 1h30m\n    max_packet_size: 64KB\n',
  ).gateways;
  assert.equal(mqtt.idle_timeout, 5_400_000);
  assert.equal(mqtt.max_packet_size, 65_536);
});

test('where text is wanted, what looks like a number or a switch stays the text that was written', () => {
  const text =
    'access:\n  users:\n    - { username: 007, password: 1e3 }\n    - { username: true, password: null }\n';
  const { users } = accepted(text).access;
  assert.deepEqual(
    users.map((user) => [user.username, user.password]),
    [
      ['007', '1e3'],
      ['true', 'null'],
    ],
  );
});

test('a wrong value is shown with its place and with what is allowed', () => {
  const text = `log:
  level: verbose
gateways:
  mqtt:
    enable: on
    keepalive_backoff: 3
    idle_timeout: soon
    max_packet_size: 1Kb
    listeners:
      tcp:
        default: { bind: localhost, max_connections: 0, rate: fast }
`;
  assert.deepEqual(problems(text), [
    'portico.yaml:2:10: log.level: "verbose" is not allowed; expected one of debug, info, warn',
    'portico.yaml:5:13: gateways.mqtt.enable: "on" is not allowed; expected true or false',
    'portico.yaml:6:24: gateways.mqtt.keepalive_backoff: 3 is not allowed; expected a number from 0.5 to 2',
    'portico.yaml:7:19: gateways.mqtt.idle_timeout: "soon" is not allowed; expected a duration from 1ms to 36500d, or 0',
    'portico.yaml:8:22: gateways.mqtt.max_packet_size: "1Kb" is not allowed; expected a size from 1 to 1024GB, or 0',
    'portico.yaml:11:26: gateways.mqtt.listeners.tcp.default.bind: "localhost" is not allowed; expected an address such as 127.0.0.1:1883',
    'portico.yaml:11:54: gateways.mqtt.listeners.tcp.default.max_connections: 0 is not allowed; expected a whole number from 1 to 1000000',
    'portico.yaml:11:63: gateways.mqtt.listeners.tcp.default.rate: "fast" is not allowed; expected an amount above 0 and a duration of at most 1d, such as 100KB,10s',
  ]);
});

test('an unknown key is shown with the nearest known one and with those that are allowed', () => {
  assert.deepEqual(problems('gateways:\n  mqtt:\n    listner: {}\n'), [
    'portico.yaml:3:5: gateways.mqtt.listner: unknown key; did you mean listeners? allowed here: enable, keepalive_backoff, idle_timeout, max_packet_size, listeners',
  ]);
  assert.deepEqual(problems('foo: 1\nlog:\n  maxSize: 1\n'), [
    'portico.yaml:1:1: foo: unknown key; allowed here: log, access, gateways',
    'portico.yaml:3:3: log.maxSize: unknown key; allowed here: level, file',
  ]);
});

test('a key of a later version is found by its misspelling', () => {
  const [problem] = problems('gateways:\n  stmop: {}\nmanagment: {}\n');
  assert.match(problem ?? '', /gateways\.stmop: unknown key; did you mean stomp\?/);
  assert.match(problems('managment: {}\n')[0] ?? '', /did you mean management\?/);
});

test('a key that stands in the wrong section is told from an unknown one', () => {
  assert.deepEqual(problems('log:\n  users: []\n'), [
    'portico.yaml:2:3: log.users: unknown key; it is a key of access; allowed here: level, file',
  ]);
});

test('one text in the place of a list of texts is shown as a list', () => {
  const names = z.strictObject({ names: z.array(z.string()).min(1), token: z.array(z.string()).optional() });
  const said = (text: string) => problemsOf(loadConfig({ schema: names, file: 'p', text }));
  assert.deepEqual(said('names: a/#'), ['p:1:8: names: "a/#" is not allowed; expected a list: [a/#]']);
  assert.deepEqual(said('names: "#"'), ['p:1:8: names: "#" is not allowed; expected a list: ["#"]']);
  assert.deepEqual(said('names: 1'), [
    'p:1:8: names: 1 is not allowed; expected a list of at least 1, each text',
  ]);
  assert.deepEqual(said('names: [a]\ntoken: hunter2'), [
    'p:2:8: token: *** is not allowed; expected a list, each text',
  ]);
});

test('a switch or number that was taken for text is shown as it was written', () => {
  assert.match(problems('gateways: { mqtt: { idle_timeout: true } }')[0] ?? '', /: true is not allowed;/);
  assert.match(problems('gateways: { mqtt: { idle_timeout: 15 } }')[0] ?? '', /: 15 is not allowed;/);
});

test('a key that is missing because it was misspelt is not reported a second time', () => {
  const text =
    'gateways:\n  mqtt:\n    listeners:\n      tcp:\n        default:\n          bnd: 127.0.0.1:1883\n';
  assert.deepEqual(problems(text), [
    'portico.yaml:6:11: gateways.mqtt.listeners.tcp.default.bnd: unknown key; did you mean bind? allowed here: bind, max_connections, key_password, rate',
  ]);
});

test('a misspelt key does not hide what is wrong with the right one', () => {
  const text =
    'gateways:\n  mqtt:\n    listeners:\n      tcp:\n        default: { bnd: "127.0.0.1:1883", bind: here }\n';
  assert.equal(problems(text).length, 2);
});

test('a missing key is reported at the section that lacks it', () => {
  assert.deepEqual(
    problems(
      'gateways:\n  mqtt:\n    listeners:\n      tcp:\n        default:\n          max_connections: 5\n',
    ),
    ['portico.yaml:5:9: gateways.mqtt.listeners.tcp.default.bind: is missing; expected text'],
  );
});

test('a key written twice names the line of the first', () => {
  assert.deepEqual(problems('log:\n  level: info\n  level: warn\nlog: {}\n'), [
    'portico.yaml:3:3: log.level: written twice; the first is on line 2',
    'portico.yaml:4:1: log: written twice; the first is on line 1',
  ]);
});

test('what stands below a key that is written twice is checked all the same', () => {
  assert.deepEqual(problems('log:\n  level: x\nlog: {}\n'), [
    'portico.yaml:2:10: log.level: "x" is not allowed; expected one of debug, info, warn',
    'portico.yaml:3:1: log: written twice; the first is on line 1',
  ]);
});

test('a key without a value is told from an empty section', () => {
  assert.deepEqual(problems('log:\n  level:\n  file:\n'), [
    'portico.yaml:2:3: log.level: no value given; expected one of debug, info, warn',
    'portico.yaml:3:3: log.file: no value given; expected text',
  ]);
});

test('sections, lists and values in the place of each other are reported once, without their contents', () => {
  assert.deepEqual(problems('log: debug\naccess:\n  users: { admin: hunter2 }\ngateways: [mqtt]\n'), [
    'portico.yaml:1:6: log: "debug" is not allowed; expected a section with the keys level, file',
    'portico.yaml:3:3: access.users: a section is not allowed; expected a list, each a section with the keys username, password, is_superuser',
    'portico.yaml:4:11: gateways: a list is not allowed; expected a section with the key mqtt',
  ]);
  assert.deepEqual(problems('just text\n'), [
    'portico.yaml:1:1: keys and values are expected, such as "log:"',
  ]);
});

test('a rule between keys and a rule for names are reported at their section', () => {
  assert.deepEqual(
    problems(
      'gateways:\n  mqtt:\n    listeners:\n      tls:\n        x: { bind: "1.2.3.4:1", cert: a.pem }\n      tcp:\n        a b: { bind: "1.2.3.4:1" }\n',
    ),
    [
      'portico.yaml:5:9: gateways.mqtt.listeners.tls.x: cert and key go together',
      'portico.yaml:7:9: gateways.mqtt.listeners.tcp."a b": this name is not allowed; expected letters, digits and _',
    ],
  );
});

test('a name that objects cannot have is refused, others that they inherit are names like any other', () => {
  const named = (name: string) =>
    `gateways:\n  mqtt:\n    listeners:\n      tcp:\n        ${name}: { bind: "1.2.3.4:1" }\n`;
  assert.deepEqual(problems(named('__proto__')), [
    'portico.yaml:5:9: gateways.mqtt.listeners.tcp.__proto__: cannot be a name',
  ]);
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    assert.deepEqual(Object.keys(accepted(named(name)).gateways.mqtt.listeners.tcp), [name]);
  }
});

test('text that is no YAML is reported with line, column and reason', () => {
  const cases: [string, string][] = [
    ['log:\n\tlevel: info\n', '2:1: a tab in the indentation; YAML takes spaces only'],
    ['log:\n  level info\n  file: x\n', '2:3: no ": " (colon and space) after the key'],
    [
      'log: level: info\n',
      '1:6: a second key on the line, or a line below that is indented too far; a value with ": " in it needs quotes',
    ],
    [
      'log:\n  level: info\n file: x\n',
      '3:1: wrong indentation: the keys of one section begin in the same column, and [ and { need their ] and }',
    ],
    [
      'log:\n  file: "x\n  level: info\n',
      '2:9: a character is missing: a quote, a bracket, a comma, or the space after a colon',
    ],
    ['log:\n  file: @x\n', '2:9: a value cannot begin with @, ` or %; write it in quotes'],
    ['log:\n  file: !x\n', '2:9: a value cannot begin with !; write it in quotes'],
    [
      'log:\n  file: |x\n',
      '2:10: unexpected text; a value with special characters (such as | > [ ] { } " #) needs quotes',
    ],
    [
      'log:\n  file: "\\x"\n',
      '2:10: unknown escape after \\ in double quotes; use single quotes, or write \\\\ for a backslash',
    ],
    ['log: {}\n---\naccess: {}\n', '2:1: a second document begins with ---; a configuration is one document'],
  ];
  for (const [text, problem] of cases) {
    const result = load(text);
    assert.deepEqual(problemsOf(result), [`portico.yaml:${problem}`], text);
    assert.equal(result.ok || result.code, 'PORTICO_ERR_CONFIG_SYNTAX');
  }
});

test('anchors may be used; an alias of nothing or of itself is a mistake', () => {
  const shared =
    'gateways:\n  mqtt:\n    listeners:\n      tcp:\n        a: &plain { bind: "127.0.0.1:1" }\n        b: *plain\n';
  assert.equal(accepted(shared).gateways.mqtt.listeners.tcp.b?.bind, '127.0.0.1:1');
  const reason =
    'a value cannot begin with * (an alias) unless the anchor stands before it; write it in quotes';
  assert.deepEqual(problems('log:\n  file: *hunter2\n'), [`portico.yaml:2:9: log.file: ${reason}`]);
  assert.ok(problems('access:\n  users: &all [ *all ]\n').some((problem) => problem.endsWith(reason)));
});

test('no secret is shown, whatever is wrong with it', () => {
  const texts = [
    'access:\n  users:\n    - { username: a, password: [hunter2] }\n',
    'access:\n  users: hunter2\n',
    'access:\n  users: [hunter2]\n',
    'access:\n  users:\n    - { username: a, pasword: hunter2 }\n',
    'access:\n  users:\n    - { username: a, password: *hunter2 }\n',
    'access:\n  users:\n    - { username: a, password: !hunter2 }\n',
    'access:\n  users:\n    - username: a\n      password: |hunter2\n',
    'access:\n  users:\n    - username: a\n      password: "hunter2\n',
    'gateways:\n  mqtt:\n    listeners:\n      tcp:\n        default: hunter2\n',
  ];
  for (const text of texts) {
    const found = problems(text);
    assert.notEqual(found.length, 0, text);
    assert.ok(!found.join('\n').includes('hunter2'), found.join('\n'));
  }
  const env = { PORTICO_ACCESS__USERS: 'hunter2', PORTICO_ACCESS__PASSWORD: 'hunter2' };
  assert.equal(problems('', env).length, 2);
  assert.ok(!problems('', env).join('\n').includes('hunter2'));
});

test('reserved keys give one warning each and nothing else', () => {
  const text =
    'management:\n  bind: 127.0.0.1:8081\n  default_application: { id: a, secret: b }\ngateways:\n  stomp: true\n';
  const env = { PORTICO_MANAGEMENT__BIND: '127.0.0.1:1', PORTICO_ACCESS__PSK_FILE: 'psk.txt' };
  const result = load(text, env);
  assert.ok(result.ok);
  assert.deepEqual(result.warnings, [
    'management: not part of this version, ignored',
    'gateways.stomp: not part of this version, ignored',
    'access.psk_file: not part of this version, ignored',
  ]);
});

test('all problems are found at once: in the file, top down, then in the environment', () => {
  const found = problems('log:\n  level: x\n  foo: 1\naccess:\n  allow_anonymous: maybe\n', {
    PORTICO_LOG__FOO: '1',
    PORTICO_GATEWAYS__MQTT__ENABLE: 'perhaps',
  });
  assert.deepEqual(
    found.map((problem) => problem.split(': ')[0]),
    [
      'portico.yaml:2:10',
      'portico.yaml:3:3',
      'portico.yaml:5:20',
      'PORTICO_GATEWAYS__MQTT__ENABLE',
      'PORTICO_LOG__FOO',
    ],
  );
});

test('a long value is cut', () => {
  const [problem] = problems(`log:\n  level: ${'x'.repeat(1000)}\n`);
  assert.ok(problem !== undefined && problem.length < 200);
});

test('a file is read by its name, and one that cannot be read says why', () => {
  const directory = mkdtempSync(join(tmpdir(), 'portico-'));
  const file = join(directory, 'portico.yaml');
  const read = (name: string) => loadConfig({ schema, file: name } satisfies ConfigInput<typeof schema>);
  try {
    writeFileSync(file, 'log:\n  level: loud\n');
    assert.match(problemsOf(read(file))[0] ?? '', new RegExp(`^${file}:2:10: log.level: "loud"`));
    writeFileSync(file, Buffer.from([0x6c, 0xff, 0xfe]));
    const unreadable: [string, string][] = [
      [file, 'it is not UTF-8 text'],
      [directory, 'it is a directory'],
      [`${file}.not`, 'no such file'],
    ];
    for (const [name, reason] of unreadable) {
      assert.throws(
        () => read(name),
        (error) =>
          error instanceof PorticoError &&
          error.code === 'PORTICO_ERR_CONFIG_FILE' &&
          error.message.endsWith(`${name}: ${reason}`),
      );
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('whatever is written, the answer is a configuration or at least one problem', () => {
  const pieces = [
    'log',
    'level',
    'access',
    'users',
    'gateways',
    'mqtt',
    'listeners',
    'tcp',
    'info',
    'x',
    '1',
    '~',
  ];
  const marks = [
    ':',
    ': ',
    ' ',
    '  ',
    '\n',
    '\n  ',
    '- ',
    '*a',
    '&a ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '"',
    "'",
    '|',
    '>',
    '!',
    '?',
  ];
  const others = ['\t', '#', '<<', '---', '...', '%', '@', '`', '\\', '\u0000', '__proto__', 'constructor'];
  const yaml = fc.array(fc.constantFrom(...pieces, ...marks, ...others), { maxLength: 40 });
  fc.assert(
    fc.property(yaml, fc.string(), (text, value) => {
      const result = load(text.join(''), { PORTICO_LOG: value, PORTICO_LOG__LEVEL: value });
      assert.ok(result.ok || result.problems.length > 0);
    }),
    { numRuns: 2000 },
  );
});

test('pieces of a secret that was not put in quotes are not shown', () => {
  const text = 'access:\n  users:\n    - { name: ada, password: $scrypt$ln=14,r=8,p=1$c2FsdA$a2V5 }\n';
  const shown = problems(text).join('\n');
  assert.ok(!shown.includes('a2V5') && !shown.includes('r=8'), shown);
  assert.match(shown, /\*\*\*"?: unknown key; a value that holds commas, such as a hash, must be in quotes/);
});
