import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogHandler } from './log-handler.js';
import { type ConsoleOutput, consoleSink } from './log-sinks.js';

test('what the console loses counts once, whoever is stopped and started meanwhile', async () => {
  let lost = 0;
  const output: ConsoleOutput = {
    ...{ write: () => {}, colours: false, flush: async () => {} },
    get lost() {
      return lost;
    },
  };
  const style = { format: 'text', timeFormat: '%S', singleLine: false, charsLimit: 100 } as const;
  const about = {
    id: 'console',
    destination: 'console',
    level: 'info',
    followsLevel: true,
    started: true,
  } as const;
  const open = () => consoleSink(style, output);
  const handler = new LogHandler({ ...about, open, onChange: () => {} });
  lost = 3;
  const stopped = handler.stop();
  assert.equal(handler.lost, 3, 'while it is being closed');
  await stopped;
  handler.start();
  assert.equal(handler.lost, 3);
  lost = 4;
  handler.adjust({ ...about, open });
  lost = 5;
  await handler.flush();
  assert.equal(handler.lost, 5);
});
