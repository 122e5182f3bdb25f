import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PorticoError } from '../runtime/errors.js';
import { configSection, fixedSection } from './config-section.js';
import { RunningSections } from './running-sections.js';

interface Lamp {
  readonly colour: string;
  readonly socket: number;
  /** As {@link socket}. */
  readonly switch?: string;
}

/** A section that notes what it is told, and of which a start alone reads `socket` and `switch`. */
function setUp() {
  const taken: Lamp[] = [];
  const lamp = configSection<Lamp>('lamp', { colour: 'red', socket: 1 }, async (changed) => {
    if (changed.colour === 'none') throw new PorticoError('PORTICO_ERR_CONFIG', 'there is no such colour');
    return () => void taken.push(changed);
  });
  const isFixed = (path: readonly string[]) =>
    path[0] === 'house' || path[1] === 'socket' || path[1] === 'switch';
  const sections = new RunningSections([lamp, fixedSection('house', { name: 'ours' })], isFixed);
  return { sections, taken };
}

test('a changed section is taken on but for what needs a restart', async () => {
  const { sections, taken } = setUp();
  const changed = { colour: 'blue', socket: 2 };
  assert.ok(sections.differs('lamp', changed));
  const takeOn = await sections.prepare('lamp', changed);
  assert.equal(sections.valueAt(['lamp', 'colour']), 'red', 'nothing has come of it yet');
  takeOn();
  assert.deepEqual(taken, [{ colour: 'blue', socket: 1 }]);
  assert.equal(sections.valueAt(['lamp', 'colour']), 'blue');
  assert.equal(sections.valueAt(['lamp', 'socket']), 1);
  assert.ok(!sections.differs('lamp', changed));
});

test('a section of which only a start reads anything never differs', () => {
  const { sections } = setUp();
  assert.ok(!sections.differs('house', { name: 'theirs' }));
  assert.equal(sections.valueAt(['house', 'name']), 'ours');
});

test('what cannot be made ready changes nothing', async () => {
  const { sections, taken } = setUp();
  await assert.rejects(sections.prepare('lamp', { colour: 'none', socket: 1 }), /no such colour/);
  assert.deepEqual(taken, []);
  assert.equal(sections.valueAt(['lamp', 'colour']), 'red');
});

test('a key that needs a restart, and had no value at the start, makes no difference either', async () => {
  const { sections, taken } = setUp();
  assert.ok(!sections.differs('lamp', { colour: 'red', socket: 1, switch: 'left' }));
  (await sections.prepare('lamp', { colour: 'blue', socket: 1, switch: 'left' }))();
  assert.deepEqual(taken, [{ colour: 'blue', socket: 1 }]);
});
