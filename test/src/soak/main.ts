/**
 * Thousands of MQTT clients come and go for as long as you like; prints the hub's memory as it goes, and fails when
 * it keeps growing, or when the hub closed a connection that did nothing wrong.
 */

import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Portico } from '../support/portico.js';
import { ChurningClient, type Tally } from './churning-client.js';
import { growth, isFlat } from './flatness.js';

const USAGE = `Usage: node test/dist/soak/main.js [options]
  --minutes N   default 30
  --clients N   default 5000`;

const CONFIG = `
log: { level: warn }
gateways:
  mqtt: { listeners: { tcp: { default: { bind: 127.0.0.1:0, max_conn_rate: 0 } } } }
`;

/** Samples of a run. */
const SAMPLES = 60;

/** Kibibytes that a process has in memory. */
function residentMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]);
}

/** `12 closed, 3 ECONNRESET` */
function failuresText({ failures }: Tally): string {
  return [...failures].map(([reason, count]) => `${count} ${reason}`).join(', ') || 'none';
}

async function soak(minutes: number, clients: number): Promise<boolean> {
  const portico = await Portico.start({ config: CONFIG });
  const port = portico.port('mqtt:tcp:default');
  const tally: Tally = { connections: 0, published: 0, received: 0, failures: new Map() };
  const end = new AbortController();
  setMaxListeners(clients * 2, end.signal);
  const lives = Array.from({ length: clients }, (_, index) =>
    new ChurningClient(port, index, clients, randomInt, tally).live(end.signal),
  );
  const samples: number[] = [];
  console.log('seconds  memory KiB  connections  published  received  failures');
  for (let sample = 1; sample <= SAMPLES; sample++) {
    await pause((minutes * 60_000) / SAMPLES);
    samples.push(residentMemory(portico.pid));
    const { connections, published, received } = tally;
    const row = [
      (sample * minutes * 60) / SAMPLES,
      samples.at(-1),
      connections,
      published,
      received,
      failuresText(tally),
    ];
    console.log(row.join('  '));
  }
  end.abort();
  await Promise.all(lives);
  const exitCode = await portico.stop();
  console.log(`memory grew by ${(growth(samples) * 100).toFixed(1)} % from the middle third to the last`);
  console.log(`connections failed: ${failuresText(tally)}; the hub ended with ${exitCode}`);
  if (portico.output.includes(' ERROR: ')) console.log(portico.output);
  return isFlat(samples) && tally.failures.size === 0 && exitCode === 0;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    clients: { type: 'string', default: '5000' },
    help: { type: 'boolean', default: false },
  },
});
const [minutes, clients] = [Number(values.minutes), Number(values.clients)];

if (values.help || !(minutes > 0) || !Number.isInteger(clients) || clients < 1) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 1;
} else {
  process.exitCode = (await soak(minutes, clients)) ? 0 : 1;
}
