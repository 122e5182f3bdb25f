import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { cellReport, vehicleLogin } from './gbt32960-frames.js';
import type { Gbt32960Load } from './job.js';
import { CountingConnection } from './mqtt-connection.js';
import { openAll } from './open-all.js';
import type { RunningLoad } from './window.js';

/** Bytes of an answer: header, the time of the report, check byte. */
const ANSWER_SIZE = 24 + 6 + 1;

/** Where the peer listens for MQTT, beside vehicles. */
export function mqttPortBeside(port: number): number {
  return port + 1;
}

/** Reports that may be on their way to the subscriber, about 50 MB: when more wait for it the hub lets it go. */
const MAX_BEHIND = 20_000;

/**
 * Vehicles that are logged in send reports, as many as may be unanswered, and another one for each answer, unless the
 * subscriber is too far behind. What counts is what an MQTT subscriber gets.
 */
export async function startGbt32960Load(load: Gbt32960Load, port: number): Promise<RunningLoad> {
  const tally = { expected: 0, received: 0, latencies: undefined, stop: () => {} };
  let stopped = false;
  const opened = await openAll(Array.from({ length: load.vehicles }), async (_, index) => {
    const vin = `BENCH${String(index).padStart(12, '0')}`;
    const socket = connect(port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    socket.write(vehicleLogin(vin));
    await once(socket, 'data');
    return { socket, report: cellReport(vin) };
  });
  const late: (() => void)[] = [];
  const subscriber = new CountingConnection((reports) => {
    tally.received += reports;
    while (late.length > 0 && tally.expected - tally.received < MAX_BEHIND) late.pop()?.();
  });
  await subscriber.connect({ port: mqttPortBeside(port), tls: false }, 'subscriber');
  await subscriber.subscribe(['gbt32960/+/upstream/info'], 0);
  const send = (socket: Socket, report: Buffer, count: number) => {
    if (stopped) return;
    if (tally.expected - tally.received >= MAX_BEHIND) {
      late.push(() => send(socket, report, count));
      return;
    }
    tally.expected += count;
    socket.write(count === 1 ? report : Buffer.concat(Array.from({ length: count }, () => report)));
  };
  for (const { socket, report } of opened) {
    let partial = 0;
    socket.on('data', (bytes) => {
      const received = partial + bytes.length;
      const answers = Math.floor(received / ANSWER_SIZE);
      partial = received % ANSWER_SIZE;
      if (answers > 0) send(socket, report, answers);
    });
    send(socket, report, load.inFlight);
  }
  tally.stop = () => {
    stopped = true;
  };
  return tally;
}
