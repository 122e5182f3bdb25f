import { describe, test } from 'node:test';
import { play } from './play.js';
import type { Sequence, Table } from './sequence.js';

const VERSIONS = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5' } as const;

/** A test for every sequence of the tables. */
export function playTables(tables: readonly Table[]): void {
  for (const { title, sequences } of tables) {
    describe(title, () => {
      for (const sequence of sequences) test(nameOf(sequence), () => play(sequence));
    });
  }
}

function nameOf({ version, name, shows }: Sequence): string {
  const statements = shows.length > 0 ? ` [${shows.join(', ')}]` : '';
  return `${VERSIONS[version]}: ${name}${statements}`;
}
