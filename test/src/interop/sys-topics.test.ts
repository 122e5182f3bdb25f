import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Command } from '../support/command.js';
import { FREE_PORTS } from '../support/configuration.js';
import { LocalHub } from '../support/local-hub.js';

/** What mosquitto_sub sees of the hub's own topics, held against docs/sys-topics.md. */

const PAGE = new URL('../../../docs/sys-topics.md', import.meta.url);
const NODE = '$SYS/brokers/portico@127.0.0.1';

let hub: LocalHub;
let port: number;
let sub: Command;
before(async () => {
  hub = await LocalHub.start(`broker: { sys_interval: 1s, sys_heartbeat: 1s }\n${FREE_PORTS}`);
  port = hub.port('mqtt:tcp:default');
  sub = await Command.subscriber(port, '-i', 'watcher', '-t', '$SYS/#');
});
after(async () => {
  await sub.stop();
  await hub.stop();
});

/** Topics of the tables between two headings of the page. */
async function documented(heading: string, prefix: string): Promise<string[]> {
  const page = await readFile(PAGE, 'utf8');
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const cells = section.split('\n').map((line) => /^\| (`.*?) +\|/.exec(line)?.[1] ?? '');
  const topics = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, topic]) => topic));
  assert.ok(topics.length > 0, `${heading}: no topics`);
  return topics.map((topic) => `${prefix}${topic?.replace('$SYS/brokers/<node>', NODE)}`);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test('who the hub is comes retained, uptime and time of day with the heartbeat', async () => {
  for (const topic of await documented('Who it is', '')) await sub.expect(line(topic, '.+'));
  await sub.expect(line(`${NODE}/version`, '1\\.2\\.3'));
  await sub.expect(line('$SYS/brokers', 'portico@127\\.0\\.0\\.1'));
});

test('all statistics and counters of the documentation come', async () => {
  const stats = await documented('Statistics', `${NODE}/stats/`);
  for (const topic of [...stats, ...stats.map((topic) => topic.replace(/count$/, 'max'))]) {
    await sub.expect(line(topic, '\\d+'));
  }
  await sub.expect(line(`${NODE}/stats/connections.max`, '[1-9]\\d*'));
  for (const topic of await documented('Counters', `${NODE}/metrics/`)) await sub.expect(line(topic, '\\d+'));
  await sub.expect(line(`${NODE}/metrics/packets/connect`, '[1-9]\\d*'));
});

test('every counter that the other pages name is among them', async () => {
  const pages = ['messages', 'access-control', 'limits', 'troubleshooting'];
  const texts = pages.map((page) => readFile(new URL(`./${page}.md`, PAGE), 'utf8'));
  const text = (await Promise.all(texts)).join('\n');
  const named = [...text.matchAll(/`((?:messages|delivery|client|session)\.[\w.]+)`/g)];
  const counters = new Set(named.map(([, name]) => name));
  assert.ok(counters.size > 20, `${counters.size} found`);
  for (const counter of counters) {
    await sub.expect(line(`${NODE}/metrics/${counter?.replaceAll('.', '/')}`, '\\d+'));
  }
});

test('the commands with which the pages read counters show them', async () => {
  for (const page of ['sys-topics', 'troubleshooting']) {
    const text = await readFile(new URL(`./${page}.md`, PAGE), 'utf8');
    const commands = [...text.matchAll(/^mosquitto_sub (.*metrics.*)$/gm)].map(([, options]) => options);
    assert.equal(commands.length, 1, page);
    const command = new Command('bash', '-c', `stdbuf -oL mosquitto_sub -p ${port} ${commands[0]}`);
    await command.expect(/^(?:\$SYS\/\S+\/dropped\/queue_full )?\d+$/m);
    await command.stop();
  }
});

test('a client that comes and goes is told of', async () => {
  await Command.run('mosquitto_pub', '-p', `${port}`, '-i', 'dev 1', '-u', 'ann', '-t', 'a', '-m', 'b');
  const event = (name: string, field: string) =>
    line(`${NODE}/clients/dev 1/${name}`, `\\{"clientid":"dev 1","username":"ann",.*${field}.*\\}`);
  await sub.expect(event('connected', `"sockport":${port},"proto_name":"MQTT","proto_ver":4`));
  await sub.expect(event('disconnected', '"reason":"normal"'));
});

test('a late subscriber gets what is retained', async () => {
  const late = await Command.subscriber(port, '-t', `${NODE}/version`);
  await late.expect(line(`${NODE}/version`, '1\\.2\\.3'));
  await late.stop();
});

function line(topic: string, payload: string): RegExp {
  return new RegExp(`^${literally(topic)} ${payload}$`, 'm');
}
