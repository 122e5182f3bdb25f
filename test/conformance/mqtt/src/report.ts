import type { Sequence } from './sequence.js';
import { ALL_TABLES } from './sequences/index.js';
import type { Statement } from './spec/statements.js';
import { STATEMENTS_3_1_1 } from './spec/statements-3.1.1.js';
import { STATEMENTS_5 } from './spec/statements-5.js';

/** Sequences named for a statement; of more the number is given. */
const NAMED = 3;

export interface Standard {
  readonly title: string;
  readonly statements: readonly Statement[];
  /** Those of its versions: many show statements of it. */
  readonly sequences: readonly Sequence[];
}

const SEQUENCES = ALL_TABLES.flatMap(({ sequences }) => sequences);

export const STANDARDS: readonly Standard[] = [
  {
    title: 'MQTT 3.1.1',
    statements: STATEMENTS_3_1_1,
    sequences: SEQUENCES.filter(({ version }) => version < 5),
  },
  {
    title: 'MQTT 5.0',
    statements: STATEMENTS_5,
    sequences: SEQUENCES.filter(({ version }) => version === 5),
  },
];

/** Names of the sequences that show a statement, by its number. */
export function shownBy({ sequences }: Standard): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { name, shows } of sequences) {
    for (const id of shows) names.set(id, [...(names.get(id) ?? []), name]);
  }
  return names;
}

/** Whether a statement is one that this suite has to show. */
export function isOurs({ binds, untestable }: Statement): boolean {
  return binds !== 'client' && untestable === undefined;
}

/** Of some sequences: how many show statements, and what the others are about. */
function tally(sequences: readonly Sequence[]) {
  const others = sequences.filter(({ shows }) => shows.length === 0);
  const ofMqtt31 = others.filter(({ version }) => version === 3);
  return {
    showing: sequences.length - others.length,
    beside: others.length - ofMqtt31.length,
    ofMqtt31: ofMqtt31.length,
  };
}

/** The page `docs/conformance/mqtt.md`. */
export function report(): string {
  const { showing, beside, ofMqtt31 } = tally(SEQUENCES);
  return [
    '# Conformance of the MQTT gateway',
    '',
    '<!-- Made by: npm run conformance-report. Do not edit. -->',
    '',
    'Every normative statement of the standards, and what shows that the gateway keeps to it: sequences of raw packets,',
    'sent and expected, in [test/conformance/mqtt](../../test/conformance/mqtt/README.md). Statements that bind only clients',
    'are listed too; a sequence shows what becomes of a client that breaks one.',
    '',
    `${number(showing)} sequences show statements. ${number(beside)} more are about what no numbered statement says, and`,
    `${number(ofMqtt31)} about MQTT 3.1, which numbers none; the tables below do not name these.`,
    '',
    ...STANDARDS.flatMap(chapter),
  ].join('\n');
}

function chapter(standard: Standard): string[] {
  const { title, statements, sequences } = standard;
  const names = shownBy(standard);
  const ours = statements.filter(isOurs);
  const showing = number(tally(sequences).showing);
  return [
    `## ${title}`,
    '',
    `${statements.length} statements; ${ours.length} of them can be shown of a server and are, by ${showing} sequences.`,
    '',
    '| statement | binds | about | shown by |',
    '| --- | --- | --- | --- |',
    ...statements.map((statement) => row(statement, names.get(statement.id) ?? [])),
    '',
  ];
}

function row({ id, binds, about, untestable }: Statement, names: readonly string[]): string {
  const shown = names.length > 0 ? list(names) : (untestable ?? '–');
  return `| ${id} | ${binds} | ${cell(about)} | ${cell(shown)} |`;
}

function list(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const named = distinct.slice(0, NAMED).join('; ');
  return distinct.length > NAMED ? `${named}; and ${distinct.length - NAMED} more` : named;
}

function number(count: number): string {
  return count.toLocaleString('en');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
