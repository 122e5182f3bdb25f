import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isOurs, report, STANDARDS, shownBy } from './report.js';

const PAGE = fileURLToPath(new URL('../../../../docs/conformance/mqtt.md', import.meta.url));

for (const standard of STANDARDS) {
  const { title, statements, sequences } = standard;

  describe(title, () => {
    test('every statement that binds a server has a sequence, or a reason why there is none', () => {
      const shown = shownBy(standard);
      const missing = statements.filter((statement) => isOurs(statement) && !shown.has(statement.id));
      assert.deepEqual(
        missing.map(({ id, about }) => `${id} ${about}`),
        [],
      );
    });

    test('every statement that a sequence shows is one of the standard', () => {
      const known = new Set(statements.map(({ id }) => id));
      const unknown = sequences.flatMap(({ name, shows }) =>
        shows.filter((id) => !known.has(id)).map((id) => `${id} of "${name}"`),
      );
      assert.deepEqual(unknown, []);
    });

    test('no statement is listed twice', () => {
      const ids = statements.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
    });

    test('no number of a section is left out', () => {
      const ids = new Set(statements.map(({ id }) => id));
      const before = (id: string) => id.replace(/\d+$/, (number) => String(Number(number) - 1));
      // MQTT 5 has no MQTT-2.2.1-1.
      const gaps = [...ids].filter((id) => !id.endsWith('-1') && !ids.has(before(id)));
      assert.deepEqual(
        gaps.filter((id) => id !== 'MQTT-2.2.1-2'),
        [],
      );
    });

    test('no two sequences of a version have one name', () => {
      const names = sequences.map(({ version, name }) => `${version}: ${name}`);
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      assert.deepEqual(twice, []);
    });
  });
}

test('no sequence of MQTT 3.1, which numbers no statements, is taken for one of MQTT 3.1.1', () => {
  const older = STANDARDS.flatMap(({ sequences }) => sequences).filter(({ version }) => version === 3);
  assert.ok(older.length > 0);
  assert.deepEqual(
    older.filter(({ shows }) => shows.length > 0).map(({ name }) => name),
    [],
  );
});

test('the report is up to date (else: npm run conformance-report)', () => {
  assert.equal(readFileSync(PAGE, 'utf8'), report());
});
