/**
 * Measures how long a hub takes to start that has a lot to remember, and what memory it takes then: sessions of
 * clients that are away, and messages that wait for them. The hub makes them itself, through MQTT.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { porticoMqttDurable } from './brokers/portico.js';
import { RunningPeer } from './brokers/running-peer.js';
import { AcknowledgingConnection } from './load/acknowledging-connection.js';
import { cpuTime } from './load/cpu-time.js';
import { leaveSession } from './load/leave-session.js';
import { publishPacket } from './load/mqtt-packets.js';
import { openAll } from './load/open-all.js';
import { residentMemory } from './load/resident-memory.js';

const USAGE = `Usage: node bench/dist/startup.js [options]
  --sessions N   default 100000
  --messages N   that wait for all of them together, default 1000000`;

const PUBLISHERS = 20;
/** Messages that each publisher may have unacknowledged. */
const IN_FLIGHT = 50;
/** How long a start may take before it counts as failed. */
const PATIENCE_MS = 120_000;
const PAYLOAD = Buffer.alloc(64, 'x');

const topicOf = (session: number) => `startup/${session}`;

async function fill(port: number, sessions: number, messages: number): Promise<void> {
  const clients = Array.from({ length: sessions }, (_, index) => index);
  await openAll(clients, (index) => leaveSession(port, `client-${index}`, topicOf(index)));
  const shares = Array.from({ length: PUBLISHERS }, (_, index) => index);
  await openAll(shares, async (first) => {
    const connection = new AcknowledgingConnection(() => {});
    await connection.connect({ port, tls: false }, `publisher-${first}`);
    const last = Math.floor(messages / PUBLISHERS) * PUBLISHERS;
    await publishAll(connection, first, last, sessions);
    connection.leave();
  });
}

/** Publishes every twentieth of the messages, to one session after the other; resolves when all are acknowledged. */
function publishAll(
  connection: AcknowledgingConnection,
  first: number,
  end: number,
  sessions: number,
): Promise<void> {
  return new Promise((resolve) => {
    let next = first;
    let underWay = 0;
    const send = (packetId: number) => {
      if (next < end) {
        connection.gather(publishPacket(topicOf(next % sessions), PAYLOAD, 1, packetId));
        next += PUBLISHERS;
        underWay++;
      } else if (underWay === 0) resolve();
    };
    connection.onAcknowledged = (packetId) => {
      underWay--;
      send(packetId);
    };
    for (let packetId = 1; packetId <= IN_FLIGHT; packetId++) send(packetId);
    connection.flush();
  });
}

/** Runs the hub on the folder. @returns what `use` gives */
async function withHub<T>(dataDir: string, use: (hub: RunningPeer) => T | Promise<T>): Promise<T> {
  const hub = await RunningPeer.start(porticoMqttDurable(dataDir), undefined, PATIENCE_MS);
  try {
    return await use(hub);
  } finally {
    await hub.stop();
  }
}

const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
/** @param microseconds a sum */
const share = (microseconds: number) => `${(microseconds / 1e6).toFixed(1)} s`;
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

async function measure(sessions: number, messages: number): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'portico-startup-'));
  try {
    const filling = performance.now();
    const full = await withHub(dataDir, async (hub) => {
      await fill(hub.port, sessions, messages);
      return residentMemory(hub.pid);
    });
    console.log(
      `${sessions} sessions, ${messages} messages: made in ${seconds(filling)}, ${mebibytes(full)} then`,
    );
    const starting = performance.now();
    await withHub(dataDir, ({ pid }) => {
      const memory = mebibytes(residentMemory(pid));
      const { used, mainWaited } = cpuTime([pid]);
      console.log(`started again in ${seconds(starting)}, ${memory} then`);
      console.log(
        `of processors it had ${share(used)}, and waited ${share(mainWaited)} while others had them`,
      );
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100000' },
    messages: { type: 'string', default: '1000000' },
    help: { type: 'boolean', default: false },
  },
});
const [sessions, messages] = [Number(values.sessions), Number(values.messages)];

if (values.help || !Number.isInteger(sessions) || sessions < 1 || !Number.isInteger(messages)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 1;
} else {
  await measure(sessions, messages);
}
