import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Method } from '@portico/codec-coap';
import fc from 'fast-check';
import { bytes, Dice } from '../testing/index.js';
import { AskingTest, type Course } from './testing/asking.js';
import { LossyNetwork } from './testing/lossy-network.js';
import { SimulatedServer } from './testing/simulated-server.js';

const METHODS = [Method.GET, Method.PUT, Method.POST] as const;

const sizes = fc.constantFrom(16, 64, 256, 1024);
const scenario = fc.record({
  seed: fc.nat(),
  lost: fc.nat(60),
  doubled: fc.nat(40),
  /** Of what the peer has. */
  content: fc.nat(600),
  ours: sizes,
  theirs: sizes,
  asked: fc.array(fc.record({ method: fc.constantFrom(...METHODS), length: fc.nat(600) }), {
    minLength: 1,
    maxLength: 5,
  }),
});

/** How a request ended; there is but one such event. */
function endOf(course: Course): string {
  const ends = course.events.filter((event) => /^failed|^\d\.\d\d/.test(event));
  assert.equal(ends.length, 1, `one end: ${course.events}`);
  assert.equal(course.events.at(-1), ends[0], 'and nothing after it');
  return ends[0] ?? '';
}

suite('property: requests to a peer, whatever the network does', () => {
  test('each ends once: with the whole response, or a failure; nothing is carried out twice, nothing is left', () => {
    const ends = new Set<string>();
    const run = fc.property(scenario, ({ seed, lost, doubled, content, ours, theirs, asked }) => {
      const coap = new AskingTest({ max_block_size: ours, ack_random_factor: 1.5 });
      const peer = coap.peer();
      const dice = new Dice(seed);
      const network = new LossyNetwork(coap, peer, dice, lost, doubled);
      const whole = bytes(content);
      const server = new SimulatedServer(network, coap.hub.timers, dice, whole, theirs);
      network.join(server);

      const written: { course: Course; payload: Buffer }[] = [];
      const courses = asked.map(({ method, length }, at) => {
        const token = (0x10 + at).toString(16);
        if (method === Method.GET) return peer.asked(method, 'r', { token });
        const payload = bytes(method === Method.PUT ? length : Math.min(length, ours), at + 1);
        const course = peer.asked(method, 'r', { token, payload });
        written.push({ course, payload });
        return course;
      });
      network.run(() => coap.hub.timers.size === 0);

      for (const course of courses) {
        const end = endOf(course);
        ends.add(end.split(' ', 2).join(' '));
        if (end.startsWith('2.05')) assert.deepEqual(course.payload, whole);
        else assert.ok(end === '2.04' || end === '4.08' || end.startsWith('failed'), end);
      }
      for (const { course, payload } of written) {
        const times = server.stored.filter((stored) => stored.equals(payload)).length;
        if (endOf(course) === '2.04') assert.ok(times >= 1, 'what was answered 2.04 is there');
      }
      assert.ok(server.stored.length <= written.length, 'nothing is carried out twice');
      assert.equal(coap.requests.downloads.bytes, 0);

      network.perfect = true;
      const last = peer.asked(Method.GET, 'r', { token: 'ff' });
      network.run(() => coap.hub.timers.size === 0);
      assert.equal(endOf(last).slice(0, 4), '2.05', 'the way is free for the next one');
    });
    fc.assert(run, { numRuns: 150 });
    assert.ok(ends.has('2.04') && ends.has('failed: timeout'), 'both ends are met');
  });
});
