import { parseArgs } from 'node:util';
import type { Case } from './cases/case.js';
import { CASES } from './cases/index.js';

export interface Options {
  readonly help: boolean;
  /** Those asked for, each with the peers asked for. */
  readonly cases: readonly Case[];
  /** Length of the measured window. */
  readonly seconds: number;
  /** Runs of each peer in each case. */
  readonly runs: number;
}

const CASE_NAMES = CASES.map(({ name }) => name);
const PEER_NAMES = [...new Set(CASES.flatMap(({ peers }) => peers).map(({ name }) => name))];

export const USAGE = `Usage: node bench/dist/main.js [options]
  --case NAME   only this case (may be repeated): ${CASE_NAMES.join(', ')}
  --peer NAME   only this peer (may be repeated): ${PEER_NAMES.join(', ')}
  --seconds N   length of the measured window, default 5
  --runs N      runs of which the median counts, default 3
Prints a table for each case and writes all figures to bench/results/ as JSON.`;

/** @throws Error, with a line for the user, when the options make no sense */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: 'string', multiple: true, default: CASE_NAMES },
      peer: { type: 'string', multiple: true, default: PEER_NAMES },
      seconds: { type: 'string', default: '5' },
      runs: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  refuseUnknown('case', values.case, CASE_NAMES);
  refuseUnknown('peer', values.peer, PEER_NAMES);
  const withPeers = CASES.map((one) => ({
    ...one,
    peers: one.peers.filter(({ name }) => values.peer.includes(name)),
  }));
  const cases = withPeers.filter(({ name, peers }) => values.case.includes(name) && peers.length > 0);
  if (cases.length === 0) throw new Error(`no case of these has one of these peers: ${peersOf(values.case)}`);
  return {
    help: values.help,
    cases,
    seconds: positive('seconds', values.seconds),
    runs: Math.ceil(positive('runs', values.runs)),
  };
}

/** `coap-put has udp-echo, node-coap, portico` */
function peersOf(names: readonly string[]): string {
  return CASES.filter(({ name }) => names.includes(name))
    .map(({ name, peers }) => `${name} has ${peers.map((peer) => peer.name).join(', ')}`)
    .join('; ');
}

function refuseUnknown(option: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`no ${option} ${name}: there are ${known.join(', ')}`);
  }
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${option} takes a number above 0, not ${text}`);
  return value;
}
