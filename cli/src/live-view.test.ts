import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Publish } from '@portico/codec-mqtt';
import { LiveView } from './live-view.js';

/** Standard output that is read when the test says so. */
class Reader extends EventEmitter {
  readonly lines: string[] = [];
  reads = true;

  write(text: string): boolean {
    this.lines.push(text);
    return this.reads;
  }
}

function viewFor(options: { readonly json?: boolean; readonly count?: number } = {}) {
  const stdout = new Reader();
  const told: string[] = [];
  const stderr = { write: (text: string) => told.push(text) };
  let done = 0;
  const view = new LiveView({ json: false, filter: '#', ...options, stdout, stderr }, () => done++);
  return { view, stdout, told, done: () => done };
}

function message(topic: string, payload: string | Buffer): Publish {
  return {
    type: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 0,
    retain: false,
    dup: false,
    packetId: 0,
  };
}

test('a message is a line, whatever is in it', () => {
  const { view, stdout } = viewFor();
  view.message(message('a', 'one\ntwo \u001b[2J'));
  view.message(message('b', Buffer.from([0xff, 0])));
  view.message(message('c', ''));
  assert.deepEqual(stdout.lines, ['a one\\ntwo \\x1b[2J\n', 'b 0xff00\n', 'c \n']);
});

test('as JSON it is what publishing it again takes', () => {
  const { view, stdout } = viewFor({ json: true });
  view.message(message('a', 'text'));
  view.message(message('b', Buffer.from([0xff])));
  const rows = stdout.lines.map((line) => JSON.parse(line));
  assert.deepEqual(rows, [
    { topic: 'a', payload: 'text', encoding: 'plain', qos: 0, retain: false },
    { topic: 'b', payload: '/w==', encoding: 'base64', qos: 0, retain: false },
  ]);
});

test('after as many as were asked for it is done, and when nobody reads any more', () => {
  const { view, stdout, done } = viewFor({ count: 2 });
  view.message(message('a', '1'));
  assert.equal(done(), 0);
  view.message(message('a', '2'));
  assert.equal(done(), 1);
  stdout.emit('error', Object.assign(new Error('closed'), { code: 'EPIPE' }));
  assert.equal(done(), 2);
});

test('who reads too slowly misses what does not fit in 1 MiB, and is told how many', () => {
  const { view, stdout, told } = viewFor();
  stdout.reads = false;
  const large = 'x'.repeat(700_000);
  for (let number = 0; number < 4; number++) view.message(message('a', large));
  assert.equal(stdout.lines.length, 2);
  stdout.reads = true;
  stdout.emit('drain');
  assert.deepEqual(told, ['2 messages came faster than could be read\n']);
  view.message(message('a', 'again'));
  assert.equal(stdout.lines.at(-1), 'a again\n');
  view.end();
  assert.equal(told.length, 1);
});
