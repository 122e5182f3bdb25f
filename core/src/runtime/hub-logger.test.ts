import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLogger, type RootLogger } from './hub-logger.js';
import { type LogConfig, logConfigSchema } from './log-config.js';
import type { LogLevel } from './logger.js';

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}`;

function recorder(
  format: LogConfig['format'],
  level: LogLevel = 'info',
): { log: RootLogger; lines: () => string[] } {
  let written = '';
  const log = createLogger({ level, format, output: { write: (text) => (written += text) } });
  return { log, lines: () => written.split('\n').slice(0, -1) };
}

test('a text line holds time, level, message, and the fields as key=value', () => {
  const { log, lines } = recorder('text');
  log.info(
    { clientid: 'c1', peer: '127.0.0.1:5000', topic: 'a b', count: 3, list: ['x'], none: undefined },
    'Connected',
  );
  log.warn('alone');
  assert.match(
    lines()[0] ?? '',
    new RegExp(
      `^${TIME} INFO: Connected clientid=c1 peer=127.0.0.1:5000 topic="a b" count=3 list=\\["x"\\]$`,
    ),
  );
  assert.match(lines()[1] ?? '', new RegExp(`^${TIME} WARN: alone$`));
});

test('a JSON line is one object with the name of the level', () => {
  const { log, lines } = recorder('json');
  log.error({ clientid: 'c1' }, 'broken');
  const { time, ...rest } = JSON.parse(lines()[0] ?? '');
  assert.equal(typeof time, 'number');
  assert.deepEqual(rest, { level: 'error', clientid: 'c1', msg: 'broken' });
});

test('children add fields, and children of children theirs', () => {
  const { log, lines } = recorder('json');
  log.child({ gateway: 'mqtt' }).child({ peer: 'p' }).info('hello');
  const { gateway, peer } = JSON.parse(lines()[0] ?? '');
  assert.deepEqual([gateway, peer], ['mqtt', 'p']);
});

test('the level can be changed at any time, for children made before too', () => {
  const { log, lines } = recorder('text');
  const child = log.child({ a: 1 });
  child.debug('hidden');
  assert.equal(child.isLevelEnabled('debug'), false);
  log.level = 'trace';
  child.trace('seen');
  assert.equal(child.isLevelEnabled('trace'), true);
  log.level = 'fatal';
  child.error('hidden');
  child.fatal('seen too');
  assert.equal(log.level, 'fatal');
  assert.deepEqual(
    lines().map((line) => line.split(': ')[1]),
    ['seen a=1', 'seen too a=1'],
  );
});

test('secrets are masked, at the top, one level below, and in children', () => {
  for (const format of ['text', 'json'] as const) {
    const { log, lines } = recorder(format);
    log.info({ username: 'u', password: 'hunter2', tls: { key_password: 'hunter2' } }, 'one');
    log.child({ secret: 'hunter2', credentials: { password: Buffer.from('hunter2') } }).info('two');
    const text = lines().join('\n');
    const asNumbers = [...Buffer.from('hunter2')].join(',');
    assert.ok(!text.includes('hunter2') && !text.includes(asNumbers), text);
    assert.equal(text.split('***').length, 5);
  }
});

test('the stack of an error follows its line, indented', () => {
  const { log, lines } = recorder('text');
  log.error({ err: new TypeError('no good'), peer: 'p' }, 'Bug');
  assert.match(lines()[0] ?? '', /ERROR: Bug peer=p$/);
  assert.equal(lines()[1], '    TypeError: no good');
  assert.match(lines()[2] ?? '', /^ {4}at /);
});

test('what a peer sent cannot forge a line or steer the terminal', () => {
  const { log, lines } = recorder('text');
  log.info({ topic: 'a\nFATAL: forged', name: '\u001b[2J\u009b2J' }, 'odd\r\nmessage');
  assert.equal(lines().length, 1);
  assert.match(
    lines()[0] ?? '',
    /INFO: odd\\x0d\\nmessage topic="a\\nFATAL: forged" name="\\u001b\[2J\\x9b2J"$/,
  );
});

test('an announcement is written whatever the level: bare as text, as an info line in JSON', () => {
  const text = recorder('text', 'fatal');
  text.log.announce('Portico is running');
  assert.deepEqual(text.lines(), ['Portico is running']);
  const json = recorder('json', 'fatal');
  json.log.announce('Portico is running');
  const { level, msg } = JSON.parse(json.lines()[0] ?? '');
  assert.deepEqual([level, msg], ['info', 'Portico is running']);
});

for (const [to, onConsole, inFile] of [
  ['console', ['here', 'there'], undefined],
  ['file', ['here'], ['here', 'there']],
  ['both', ['here', 'there'], ['here', 'there']],
  ['off', ['here'], undefined],
] as const) {
  test(`the log that goes to ${to} has its lines there; what is announced is on the console too`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-log-'));
    after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'x.log');
    let written = '';
    const output = { write: (text: string) => (written += text) };
    const rotation = { size: 4096, count: 2 };
    const log = createLogger({ level: 'info', format: 'json', to, file, rotation, output });
    log.announce('here');
    log.info('there');
    await log.flush();
    const messages = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).msg);
    assert.deepEqual(messages(written), onConsole);
    assert.deepEqual(existsSync(file) ? messages(readFileSync(file, 'utf8')) : undefined, inFile);
  });
}

/** A logger with files, in a folder of its own. */
function withFiles(options: Partial<LogConfig>) {
  const folder = mkdtempSync(join(tmpdir(), 'portico-log-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  let written = '';
  const output = { write: (text: string) => (written += text) };
  const path = (name: string) => join(folder, name);
  const log = createLogger({
    ...{ level: 'info', format: 'json', file: path('x.log'), error: { file: path('error.log') } },
    ...options,
    output,
  });
  const told = (text: string) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).msg as string);
  const inFile = (name: string) =>
    existsSync(path(name)) ? told(readFileSync(path(name), 'utf8')) : undefined;
  return { log, path, inFile, onConsole: () => told(written) };
}

test('the file of a level has that level and above, whatever the others take', async () => {
  const { log, inFile, onConsole } = withFiles({ to: 'both' });
  log.announce('running');
  log.info('a');
  log.error('b');
  log.level = 'fatal';
  log.error('nowhere: the log level is above that of the file');
  log.fatal('c');
  await log.flush();
  assert.deepEqual(onConsole(), ['running', 'a', 'b', 'c']);
  assert.deepEqual(inFile('x.log'), ['running', 'a', 'b', 'c']);
  assert.deepEqual(inFile('error.log'), ['b', 'c']);
});

test('files that were moved away are made anew when they are to be opened again', async () => {
  const { log, path, inFile } = withFiles({ to: 'file' });
  log.info('before');
  await log.flush();
  renameSync(path('x.log'), path('x.log.old'));
  log.reopen();
  log.info('behind');
  await log.flush();
  assert.deepEqual([inFile('x.log.old'), inFile('x.log')], [['before'], ['behind']]);
});

test('with off nothing is written, and nothing costs anything', async () => {
  const { log, inFile, onConsole } = withFiles({ to: 'off' });
  log.fatal('x');
  await log.flush();
  assert.equal(log.isLevelEnabled('fatal'), false);
  assert.deepEqual([onConsole(), inFile('x.log'), inFile('error.log')], [[], undefined, undefined]);
});

test('handlers have levels of their own below the primary one, and can be stopped and started', async () => {
  const { log, inFile, onConsole } = withFiles({ to: 'console' });
  const [console, file] = log.handlers;
  assert.deepEqual(
    log.handlers.map(({ id, level, started }) => [id, level, started]),
    [
      ['console', 'info', true],
      ['file', 'info', false],
      ['error.file', 'error', true],
    ],
  );
  assert.ok(console !== undefined && file !== undefined);
  file.level = 'trace';
  file.start();
  log.debug('below the primary level');
  assert.equal(log.tracing, false);
  log.primaryLevel = 'trace';
  assert.equal(log.tracing, true);
  log.trace('in the file alone');
  await console.stop();
  log.info('in the file alone, too');
  log.announce('stopped');
  await file.stop();
  assert.equal(log.tracing, false);
  log.info('nowhere');
  console.start();
  log.info('on the console');
  await log.flush();
  assert.deepEqual(onConsole(), ['stopped', 'on the console']);
  assert.deepEqual(inFile('x.log'), ['in the file alone', 'in the file alone, too', 'stopped']);
});

test('a file that cannot be written is told on the console in any case, counted, and stops nothing', async () => {
  const told: unknown[] = [];
  const { log, onConsole } = withFiles({ to: 'file', file: '/dev/full', format: 'json' });
  const [, file] = log.handlers;
  assert.ok(file !== undefined);
  const fault = new Promise<void>((resolve) => {
    log.onFault = ({ id }, reason) => {
      told.push([id, reason]);
      resolve();
    };
  });
  log.info('lost');
  await fault;
  assert.equal(file.fault, 'no space left on the disk');
  await file.stop();
  assert.deepEqual(onConsole(), ['the log file cannot be written: its lines wait, as far as there is room']);
  assert.deepEqual(told, [
    ['file', 'no space left on the disk'],
    ['file', undefined],
  ]);
  assert.equal(log.faults, 1);
  assert.ok(file.lost > 0);
});

test('times, depth, length and stacks are as the configuration says', () => {
  let written = '';
  const log = createLogger({
    ...{ level: 'info', format: 'text', time_format: 'at %Y', max_depth: 1, single_line: true },
    ...{ chars_limit: 200, output: { write: (text) => (written += text) } },
  });
  const error = new Error('no good');
  error.stack = 'Error: no good\n    at here';
  log.info({ a: { b: { c: 1 } }, err: error }, 'one');
  log.info({ text: 'x'.repeat(1000) }, 'two');
  const [one = '', two = ''] = written.split('\n');
  assert.match(one, /^at \d{4} INFO: one a=\{"b":"\.\.\."\} err="Error: no good\\n {4}at here"$/);
  assert.match(two, /^at \d{4} INFO: two text=x+\.\.\.$/);
  assert.equal(two.length, 'at 2026 INFO: '.length + 200);
});

test('another configuration is gone by: other places, other forms, and what somebody has stopped stays so', async () => {
  const { log, path, inFile, onConsole } = withFiles({ to: 'both' });
  const config = logConfigSchema.parse({
    to: 'both',
    format: 'json',
    file: path('y.log'),
    error: { file: path('error.log') },
  });
  log.info('a');
  await log.handlers.find(({ id }) => id === 'error.file')?.stop();
  log.prepare(config)();
  log.error('b');
  await log.flush();
  assert.deepEqual([inFile('x.log'), inFile('y.log'), inFile('error.log')], [['a'], ['b'], []]);
  log.prepare({ ...config, to: 'file', error: undefined })();
  assert.deepEqual(
    log.handlers.map(({ id, started }) => [id, started]),
    [
      ['console', false],
      ['file', true],
    ],
  );
  log.info('c');
  log.announce('told');
  await log.flush();
  assert.deepEqual(inFile('y.log'), ['b', 'c', 'told']);
  assert.deepEqual(onConsole(), ['a', 'b', 'told']);
});

test('a file that can never be written to is refused, and lines go where they went', async () => {
  const { log, path, inFile } = withFiles({ to: 'file' });
  log.info('a');
  await log.flush();
  const config = logConfigSchema.parse({ to: 'file', file: join(path('x.log'), 'below') });
  assert.throws(() => log.prepare(config), /below/);
  log.info('b');
  await log.flush();
  assert.deepEqual(inFile('x.log'), ['a', 'b']);
});

test('a file that turns out to be full when it is left raises nothing, and its lines count as lost for good', async () => {
  const told: unknown[] = [];
  const { log, path, inFile, onConsole } = withFiles({ to: 'both', file: '/dev/full' });
  log.onFault = (_, reason) => reason !== undefined && told.push(reason);
  log.error('lost');
  const config = { level: 'info', to: 'both', format: 'json' };
  const files = { file: path('x.log'), error: { file: '/dev/full' } };
  log.prepare(logConfigSchema.parse({ ...config, ...files }))();
  await log.flush();
  assert.equal(log.lost, 1);
  assert.deepEqual(told, []);
  log.error('lost, too');
  log.prepare(logConfigSchema.parse({ ...config, file: path('x.log') }))();
  await log.flush();
  assert.equal(log.lost, 2);
  await log.flush();
  const notice = 'log lines lost: they were not taken in time';
  assert.deepEqual(onConsole(), ['lost', notice, 'lost, too', notice]);
  assert.deepEqual(inFile('x.log'), [notice, 'lost, too', notice]);
  assert.deepEqual(told, []);
});

test('lines go into the file of that name, also where it becomes full just as it is opened anew', async () => {
  const { log, path, inFile } = withFiles({ to: 'file', rotation: { size: 4096, count: 5 } });
  log.info('x'.repeat(4000));
  await log.flush();
  log.info('no room for this in the first');
  const changed = { to: 'file', format: 'json', file: path('x.log'), rotation: { size: '1MB' } };
  log.prepare(logConfigSchema.parse(changed))();
  log.info('at once');
  await log.flush();
  log.info('later');
  await log.flush();
  assert.equal(inFile('x.log')?.at(-1), 'later');
});
