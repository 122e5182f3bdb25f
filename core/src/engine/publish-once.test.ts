import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHub } from '../testing/index.js';

const publication = { topic: 't', payload: Buffer.from('x'), qos: 2 as const, retain: false };

for (const asynchronous of [false, true]) {
  test(`a QoS 2 message on whose way something failed is a new one when it comes again, asynchronous: ${asynchronous}`, async () => {
    const hub = new TestHub();
    if (asynchronous) hub.authorize('publish', Promise.resolve('allow'));
    const app = hub.client('app');
    app.subscribe('t', { qos: 0 });
    const device = hub.client('d');
    const deliver = app.deliver;
    app.deliver = () => {
      throw new Error('a bug');
    };
    await assert.rejects(async () => device.session.publishOnce(1, publication), /a bug/);
    app.deliver = deliver;
    assert.equal(await device.session.publishOnce(1, publication), 'ok');
    assert.deepEqual(app.take(), ['t=x']);
    assert.equal(await device.session.publishOnce(1, publication), 'duplicate');
  });
}
