import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { encode } from '@portico/codec-cbor';
import { codeText, findOption, Method, OptionNumber } from '@portico/codec-coap';
import { MemoryStore } from '@portico/core';
import { epoch, type Properties, PsTest, reply } from './testing.js';

/** The code of the answer to a wish for a topic. */
async function creation(ps: PsTest, uri: string, name: string, ...more: Properties): Promise<string> {
  const properties: Properties = [[0, name], [2, 'core.ps.data'], ...more];
  return codeText((await ps.configure(ps.device(), Method.POST, uri, properties)).code);
}

suite('a topic is a topic of the hub', () => {
  test('what others publish to it is told to its subscribers, and read when it is retained', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'room/1');
    ps.publish('room/1', 'x', 1, true);
    await device.observe(`ps/data/${id}`);
    assert.match(device.look().join(), /^ACK 2\.05 .*"x"$/);
    ps.publish('room/1', 'y', 1, true);
    assert.deepEqual(device.drain(), ['y']);
    assert.equal((await ps.ask(device, Method.GET, `ps/data/${id}`)).payload.toString(), 'y');
  });

  test('what is published while access control is asked goes with the answer', async () => {
    const ps = new PsTest({}, { policy: { cache: undefined } });
    const device = ps.device();
    const id = await ps.create(device, 'a');
    ps.publish('a', 'old', 1, true);
    let asked = 0;
    ps.hub.access.addAuthorizer({
      name: 'slow',
      authorize: (_, action) => {
        if (action === 'subscribe' && ++asked === 2) ps.publish('a', 'new', 1, true);
        return 'allow';
      },
    });
    await device.observe(`ps/data/${id}`);
    assert.match(device.look().join(), /^ACK 2\.05 .*Observe=.*"new"$/);
  });

  test('whoever has the data already is told the format of what follows', async () => {
    for (const properties of [[], [[3, 50]]] satisfies Properties[]) {
      const ps = new PsTest();
      const device = ps.device();
      const uri = `ps/data/${await ps.create(device, 'a', ...properties)}`;
      await ps.ask(device, Method.PUT, uri, { format: 50, text: '1' });
      const etag = findOption(await ps.ask(device, Method.GET, uri), OptionNumber.ETag);
      await device.observe(uri, '01', { options: etag === undefined ? [] : [etag] });
      assert.match(device.look().join(), /^ACK 2\.03 /);
      await ps.ask(ps.device(), Method.PUT, uri, { format: 50, text: '2' });
      assert.match(device.look().join(), /^CON 2\.05 .*Content-Format=application\/json "2"$/);
    }
  });

  test('who clears the retained message ends the subscriptions', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    await ps.ask(device, Method.PUT, `ps/data/${id}`, { text: '1' });
    await device.observe(`ps/data/${id}`);
    device.take();
    ps.publish('a', '', 1, true);
    assert.deepEqual(device.look(), ['NON 4.04 Not Found token=01 "the data has been deleted"']);
  });

  test('what has an expiry says so with Max-Age, and is gone after it', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    const sender = ps.device();
    await ps.ask(sender, Method.PUT, 'ps/a?retain=true&expiry=60', { text: 'x' });
    ps.wait(15_000);
    const answer = reply(await ps.ask(device, Method.GET, `ps/data/${id}`));
    assert.deepEqual([answer.code, answer.options], ['2.05', 'Content-Format:42, Max-Age:45']);
    ps.wait(45_000);
    assert.equal(await ps.code(device, Method.GET, `ps/data/${id}`), '4.04');
  });

  test('clients of another mountpoint have topics of their own', async () => {
    const ps = new PsTest({ mountpoint: '%c/' });
    const listener = ps.listener('#');
    const [one, two] = [ps.device(), ps.device()];
    const answer = await ps.configure(one, Method.POST, 'ps?c=one', [
      [0, 'a'],
      [2, 'core.ps.data'],
    ]);
    const id = answer.options[1]?.text ?? '';
    await ps.ask(one, Method.PUT, `ps/data/${id}?c=one`, { text: 'x' });
    assert.deepEqual(listener.take(), ['one/a=x']);
    assert.equal(reply(await ps.ask(one, Method.GET, 'ps?c=one'), id).payload, '</ps/ID>');
    assert.equal(reply(await ps.ask(two, Method.GET, 'ps?c=two')).payload, '');
    for (const uri of [`ps/${id}?c=two`, `ps/data/${id}?c=two`]) {
      assert.equal(await ps.code(two, Method.GET, uri), '4.04');
    }
    assert.equal(await creation(ps, 'ps?c=two', 'a'), '2.01');
  });
});

suite('access control is asked for each request', () => {
  /** A hub with a topic `a` that has data, where one thing is denied from now on. */
  async function denying(action: 'publish' | 'subscribe') {
    const ps = new PsTest();
    const device = ps.device();
    const id = await ps.create(device, 'a');
    await ps.ask(device, Method.PUT, `ps/data/${id}`, { text: 'x' });
    ps.authorize(action, Promise.resolve('deny'));
    return { ps, device: ps.device(), id };
  }

  test('who may not publish cannot create, change, publish or delete', async () => {
    const { ps, device, id } = await denying('publish');
    assert.equal(await creation(ps, 'ps', 'b'), '4.03');
    const change: Properties = [[6, 1]];
    for (const method of [Method.POST, Method.iPATCH]) {
      assert.equal(codeText((await ps.configure(device, method, `ps/${id}`, change)).code), '4.03');
    }
    assert.equal(await ps.code(device, Method.PUT, `ps/data/${id}`, { text: 'y' }), '4.03');
    assert.equal(await ps.code(device, Method.DELETE, `ps/data/${id}`), '4.03');
    assert.equal(await ps.code(device, Method.DELETE, `ps/${id}`), '4.03');
    assert.equal(await ps.code(device, Method.GET, `ps/data/${id}`), '2.05');
  });

  test('who may not subscribe cannot read or observe the data', async () => {
    const { ps, device, id } = await denying('subscribe');
    assert.equal(await ps.code(device, Method.GET, `ps/data/${id}`), '4.03');
    await device.observe(`ps/data/${id}`);
    assert.match(device.look().join(), /^ACK 4\.03 /);
    assert.equal(await ps.code(device, Method.GET, `ps/${id}`), '2.05', 'its configuration a publisher may');
  });

  test('who may do neither does not see the topic', async () => {
    const { ps, device, id } = await denying('subscribe');
    ps.authorize('publish', 'deny');
    assert.equal(await ps.code(device, Method.GET, `ps/${id}`), '4.03');
    assert.equal(await ps.code(device, Method.FETCH, `ps/${id}`, { format: 60, payload: [0] }), '4.03');
    assert.equal(reply(await ps.ask(device, Method.GET, 'ps')).payload, '');
    assert.equal(reply(await ps.ask(device, Method.GET, 'ps?rt=core.ps.data')).payload, '');
    assert.equal(reply(await ps.configure(device, Method.FETCH, 'ps', [[0, 'a']])).payload, '');
  });

  test('a client without a client id goes by its address, and has to be let in like any other', async () => {
    const ps = new PsTest();
    await ps.create(ps.device(), 'a');
    assert.deepEqual(ps.clients, ['coap:192.0.2.7:50000']);
    ps.authenticate(async () => ({ answer: 'deny', refusal: 'bad_credentials' }));
    assert.equal(await creation(ps, 'ps', 'b'), '4.01');
  });
});

suite('topics are bounded', () => {
  test('by max_ps_topics_per_client and max_ps_topics', async () => {
    const ps = new PsTest({ max_ps_topics: 3, max_ps_topics_per_client: 2 });
    const codes: string[] = [];
    for (const name of ['a', 'b', 'c']) codes.push(await creation(ps, 'ps?c=one', name));
    for (const name of ['d', 'e']) codes.push(await creation(ps, 'ps?c=two', name));
    assert.deepEqual(codes, ['2.01', '2.01', '4.03', '2.01', '4.03']);
    assert.equal(ps.count('topics.refused'), 2);
    assert.equal(ps.hub.metrics.gauge('coap.topics', '').value, 3);
  });

  test('who deletes one may create another', async () => {
    const ps = new PsTest({ max_ps_topics_per_client: 1 });
    const device = ps.device();
    const id = await ps.create(device, 'a');
    await ps.code(device, Method.DELETE, `ps/${id}`);
    await ps.create(device, 'b');
  });

  test('two who create the same topic at a time do not both get it', async () => {
    const ps = new PsTest();
    ps.authorize('publish', Promise.resolve('allow'));
    const codes = await Promise.all([creation(ps, 'ps', 'a'), creation(ps, 'ps', 'a')]);
    assert.deepEqual(codes.sort(), ['2.01', '4.00']);
  });

  test('a topic whose data cannot be deleted stays', async () => {
    const ps = new PsTest({}, { policy: { cache: undefined } });
    const device = ps.device();
    const id = await ps.create(device, 'a');
    const answers = ['allow', 'deny'] as const;
    let asked = 0;
    ps.hub.access.addAuthorizer({
      name: 'may publish at first',
      authorize: (_, action) => (action === 'publish' ? answers[asked++] : 'allow') ?? 'allow',
    });
    assert.equal(await ps.code(device, Method.DELETE, `ps/${id}`), '4.03');
    assert.equal(await ps.code(device, Method.GET, `ps/${id}`), '2.05');
    assert.equal(await ps.code(device, Method.DELETE, `ps/${id}`), '2.02');
    assert.equal(ps.hub.metrics.gauge('coap.topics', '').value, 0);
  });

  test('a topic whose initial data is not taken is not there', async () => {
    const ps = new PsTest({}, { policy: { cache: undefined } });
    let asked = 0;
    ps.hub.access.addAuthorizer({
      name: 'first yes, then no',
      authorize: () => (asked++ === 0 ? 'allow' : 'deny'),
    });
    assert.equal(await creation(ps, 'ps', 'a', [3, 60], [8, Buffer.of(0x80)]), '4.03');
    assert.equal(reply(await ps.ask(ps.device(), Method.GET, 'ps')).payload, '');
  });
});

suite('expiration-date', () => {
  test('the topic, its data and its subscriptions end', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const expiry = Math.ceil(ps.hub.clock.now() / 1000) + 60;
    const id = await ps.create(device, 'a', [5, epoch(expiry)]);
    await ps.ask(device, Method.PUT, `ps/data/${id}`, { text: 'x' });
    await device.observe(`ps/data/${id}`);
    device.take();
    ps.wait(61_020);
    assert.deepEqual(device.look(), ['NON 4.04 Not Found token=01 "the data has been deleted"']);
    assert.equal(await ps.code(device, Method.GET, `ps/${id}`), '4.04');
    assert.equal(ps.hub.engine.retained.size, 0);
  });

  test('a later one holds', async () => {
    const ps = new PsTest();
    const device = ps.device();
    const now = Math.ceil(ps.hub.clock.now() / 1000);
    const id = await ps.create(device, 'a', [5, epoch(now + 60)]);
    await ps.configure(device, Method.iPATCH, `ps/${id}`, [[5, epoch(now + 120)]]);
    ps.wait(61_020);
    assert.equal(await ps.code(device, Method.GET, `ps/${id}`), '2.05');
    ps.wait(61_020);
    assert.equal(await ps.code(device, Method.GET, `ps/${id}`), '4.04');
  });
});

suite('topics outlive a restart', () => {
  test('with their properties, whether they have data, and whose they are', async () => {
    const store = new MemoryStore({ durable: true });
    const before = new PsTest({ max_ps_topics_per_client: 2 }, { store });
    const device = before.device();
    const initial = Buffer.of(0x80);
    const one = await before.create(device, 'a', [3, 60], [5, epoch(4_102_440_000)], [8, initial]);
    const two = await before.create(device, 'b');
    const shown = (await before.ask(device, Method.GET, `ps/${one}`)).payload;

    const after = new PsTest({ max_ps_topics_per_client: 2 }, { store });
    await after.hub.engine.start();
    const again = after.device();
    assert.deepEqual((await after.ask(again, Method.GET, `ps/${one}`)).payload, shown);
    assert.deepEqual((await after.ask(again, Method.GET, `ps/data/${one}`)).payload, initial);
    assert.equal(await after.code(again, Method.PUT, `ps/data/${one}`, { format: 60, payload: 1 }), '2.04');
    assert.equal(await after.code(again, Method.PUT, `ps/data/${two}`, { text: 'x' }), '2.01');
    assert.equal(await creation(after, 'ps?c=coap:192.0.2.7:50000', 'c'), '4.03');
  });

  test('a deleted one is gone', async () => {
    const store = new MemoryStore({ durable: true });
    const before = new PsTest({}, { store });
    const id = await before.create(before.device(), 'a');
    await before.code(before.device(), Method.DELETE, `ps/${id}`);
    const after = new PsTest({}, { store });
    assert.equal(reply(await after.ask(after.device(), Method.GET, 'ps')).payload, '');
  });

  test('a record that cannot be read is left out', async () => {
    const store = new MemoryStore({ durable: true });
    const before = new PsTest({}, { store });
    const device = before.device();
    const one = await before.create(device, 'a');
    const two = await before.create(device, 'b');
    const get = store.get.bind(store);
    store.get = (table, key) =>
      key === `ps/${one}` ? Promise.reject(new Error('a sector is bad')) : get(table, key);
    const after = new PsTest({}, { store });
    assert.equal(reply(await after.ask(after.device(), Method.GET, 'ps'), two).payload, '</ps/ID>');
  });

  test('a damaged record is left out', async () => {
    const store = new MemoryStore({ durable: true });
    const records = {
      'ps/cut': Buffer.of(0xa1),
      'ps/number': encode(1),
      'ps/nameless': encode(new Map([[-1, 'owner']])),
      'ps/partial': encode(
        new Map([
          [-1, 'owner'],
          [-2, ''],
          [0, 'a'],
        ]),
      ),
      other: encode(1),
    };
    for (const [key, record] of Object.entries(records)) store.put('gateway.coap', key, record);
    const ps = new PsTest({}, { store });
    const device = ps.device();
    const id = await ps.create(device, 'a');
    assert.equal(reply(await ps.ask(device, Method.GET, 'ps'), id).payload, '</ps/ID>');
  });
});
