import { DtlsWire } from './dtls-client.js';
import type { DtlsHandshakeLoad } from './job.js';
import { openSocket } from './udp-peer.js';
import type { RunningLoad } from './window.js';

/** Clients that make a handshake, leave when it is complete, and begin the next. */
export async function startHandshakeLoad(
  { parallel }: DtlsHandshakeLoad,
  port: number,
): Promise<RunningLoad> {
  let begun = 0;
  let completed = 0;
  let stopped = false;
  const begin = (wire: DtlsWire) => {
    if (stopped) return;
    begun++;
    wire.begin();
  };
  const wires = await Promise.all(
    Array.from({ length: parallel }, async () => new DtlsWire(await openSocket(port))),
  );
  for (const wire of wires) {
    wire.on('session', () => {
      completed++;
      wire.leave();
      begin(wire);
    });
    begin(wire);
  }
  return {
    get expected() {
      return begun;
    },
    get received() {
      return completed;
    },
    latencies: undefined,
    stop() {
      stopped = true;
    },
  };
}
