import { MESSAGE_ID_AT, messageIdOf } from './coap-load.js';
import type { Lwm2mUpdateLoad } from './job.js';
import { registerDevice, updateRequest } from './lwm2m-device.js';
import { openAll } from './open-all.js';
import { type Exchange, openSocket, runPeers, UdpPeer } from './udp-peer.js';
import type { RunningLoad } from './window.js';

/** A load whose devices all register; then those behind each address update in turn. */
export async function startUpdateLoad(load: Lwm2mUpdateLoad, port: number): Promise<RunningLoad> {
  const { peers, devicesPerPeer } = load;
  const opened = await openAll(Array.from({ length: peers }), async (_, index) => {
    const socket = await openSocket(port);
    const requests: Buffer[] = [];
    for (let at = 0; at < devicesPerPeer; at++) {
      requests.push(updateRequest(await registerDevice(socket, `device-${index}-${at}`, at)));
    }
    return new UdpPeer(socket, new Updates(requests));
  });
  return runPeers(opened);
}

/** The updates of the devices behind one address, in turn. */
class Updates implements Exchange {
  readonly messageIdAt = MESSAGE_ID_AT;
  readonly #requests: readonly Buffer[];
  #at = 0;

  constructor(requests: readonly Buffer[]) {
    this.#requests = requests;
  }

  next(): Buffer {
    this.#at = (this.#at + 1) % this.#requests.length;
    return this.#requests[this.#at] as Buffer;
  }

  messageIdOf(answer: Buffer): number {
    return messageIdOf(answer);
  }
}
