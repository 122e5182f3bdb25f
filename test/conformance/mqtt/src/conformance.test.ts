import { describe, test } from 'node:test';
import { play } from './play.js';
import type { Sequence } from './sequence.js';
import { TABLES } from './sequences/index.js';

const VERSIONS = { 3: 'MQTT 3.1', 4: 'MQTT 3.1.1', 5: 'MQTT 5' } as const;

function title({ version, name, shows }: Sequence): string {
  const statements = shows.length > 0 ? ` [${shows.join(', ')}]` : '';
  return `${VERSIONS[version]}: ${name}${statements}`;
}

for (const table of TABLES) {
  describe(table.title, () => {
    for (const sequence of table.sequences) test(title(sequence), () => play(sequence));
  });
}
