import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '@portico/core';
import mqtt from 'mqtt';
import { FREE_PORTS } from '../support/configuration.js';
import { LocalHub } from '../support/local-hub.js';
import { RawClient } from '../support/raw-client.js';

const TCP_LOGIN = '11 0007 3c 0004 61626364';

test('whatever banned clients speak, they are refused, and the log says so in one line for each ban', async (t) => {
  const lines: string[] = [];
  const log: Logger = {
    ...silentLogger,
    info: (...line: unknown[]) => void lines.push(JSON.stringify(line)),
    isLevelEnabled: (level) => level === 'info',
    child: () => log,
  };
  const local = await LocalHub.start(FREE_PORTS, log);
  t.after(() => local.stop());
  const at = Date.now();
  for (const who of ['app', 'abcd']) {
    local.hub.engine.ban({ as: 'clientid', who, by: 'user', reason: 'test', at, until: at + 60_000 });
  }
  const url = `mqtt://127.0.0.1:${local.port('mqtt:tcp:default')}`;
  for (let i = 0; i < 3; i++) {
    await assert.rejects(
      mqtt.connectAsync(url, { clientId: 'app', protocolVersion: 5, reconnectPeriod: 0 }, false),
      /banned/i,
    );
    const terminal = await RawClient.connect(local.port('tcp:tcp:default'));
    terminal.send(TCP_LOGIN);
    await terminal.expectClose();
    assert.match(terminal.received.toString(), /banned/);
  }
  assert.equal(local.metric('client.banned'), 6);
  const about = (who: string) => lines.filter((line) => line.includes(who) || line.includes('closed'));
  assert.deepEqual([about('app').length, about('abcd').length], [1, 1], lines.join('\n'));
});
