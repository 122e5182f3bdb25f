import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OptionError } from './options.js';
import type { Simulator } from './simulator.js';
import { SIMULATORS } from './simulators.js';

const folder = mkdtempSync(join(tmpdir(), 'portico-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function simulator(name: string): Simulator {
  const found = SIMULATORS.find((candidate) => candidate.name === name);
  assert.ok(found);
  return found;
}

test('every simulator works without an option', () => {
  for (const { name, read } of SIMULATORS) {
    const simulation = read({});
    assert.equal(simulation.name, name);
    assert.equal(simulation.common.devices, 1);
  }
});

test('options are read by their words', () => {
  const { common } = simulator('jt808').read({
    devices: '1000',
    interval: '1m30s',
    duration: '2h',
    tls: true,
    ca: file('ca.pem', 'PEM'),
    route: file('route.json', '[[1,2],[2,3]]'),
  });
  assert.equal(common.port, 6207);
  assert.deepEqual([common.devices, common.interval, common.duration], [1000, 90_000, 7_200_000]);
  assert.deepEqual([common.tls, common.insecure, String(common.ca)], [true, false, 'PEM']);
});

test('what is wrong with an option is told with its name', () => {
  for (const [name, given, reason] of [
    ['jt808', { devices: '0' }, /^--devices 0: a whole number from 1 to 100000 is needed$/],
    ['jt808', { connectRate: 'x' }, /^--connect-rate x: /],
    ['jt808', { interval: '5' }, /^--interval 5: a duration from 10ms to 1d$/],
    ['jt808', { edition: '2016' }, /^--edition 2016: 2013 or 2019 is needed$/],
    ['jt808', { phoneFrom: '1a' }, /^--phone-from 1a: /],
    ['jt808', { phoneFrom: '1234567890123' }, /phone numbers of 2013 have 12 digits at most$/],
    ['jt808', { phoneFrom: '999999999999', devices: '2' }, /12 digits at most$/],
    ['jt808', { route: join(folder, 'none') }, /^--route .*none: no such file$/],
    ['jt808', { route: file('bad.json', '{') }, /^--route .*bad\.json: it is no JSON$/],
    ['jt808', { ca: folder }, /^--ca .*: it is a directory$/],
    ['jt808', { udp: true, tls: true }, /^--udp: there is no TLS over UDP$/],
    ['gbt32960', { vinFrom: 'LTEST' }, /^--vin-from LTEST: 17 capital letters and digits/],
    ['gbt32960', { vinFrom: 'LTESTLTESTLTEST99', devices: '2' }, /cannot be counted up 2 times$/],
    ['gbt32960', { heartbeat: '1ms' }, /^--heartbeat 1ms: /],
  ] as const) {
    assert.throws(
      () => simulator(name).read(given),
      (error: unknown) => error instanceof OptionError && reason.test(error.message),
      JSON.stringify(given),
    );
  }
});
