import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Replay, readExchange, type Step } from './replaying.js';

/** Files of `vectors/`: whose they are. */
const EXCHANGES: Readonly<Record<string, string>> = {
  'cc-mqttsn.json': 'cc.mqttsn.libs',
  'emqx-exchange.json': 'a device with the reference, but for what differs on purpose,',
  'java-client.json': 'the Java client of simon622/mqtt-sn',
  'mqtt-sn-tools.json': 'mqtt-sn-tools',
  'paho-gateway-tester.json': 'the gateway tester of Eclipse Paho',
  'rsmb-python-client.json': 'the Python client of Really Small Message Broker',
};

for (const [file, whose] of Object.entries(EXCHANGES)) {
  test(`the exchange of ${whose} goes as it was recorded`, async () => {
    const exchange = readExchange(file);
    const replay = new Replay(exchange);
    for (const step of exchange.steps) {
      const what = title(step);
      assert.deepEqual(await replay.play(step), step.receives, what);
      assert.notDeepEqual(step.receives, step.reference, what);
      assert.equal(step.why === undefined, step.reference === undefined, what);
    }
    assert.deepEqual(replay.published, exchange.published);
  });
}

function title(step: Step): string {
  return 'publish' in step ? `publish ${step.publish.payload}` : step.message;
}
