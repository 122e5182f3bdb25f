import { CIPHER_SUITES } from '../cipher-suites.js';
import type { DtlsClientOptions, DtlsServerOptions } from '../contract.js';
import { Sealer } from '../record/protection.js';
import { type Recorder, World, type WorldClient } from './world.js';

const FORGED_SEQUENCE = 1000;

/** A session between both ends, with what each has sent so far forgotten. */
export interface Pair {
  readonly world: World;
  readonly one: WorldClient & { recorder: Recorder };
  /** Of the server. */
  readonly accepted: Recorder;
}

export function makePair(
  server: Partial<DtlsServerOptions> = {},
  client: Partial<DtlsClientOptions> = {},
): Pair {
  const world = new World(server);
  const one = world.establish(client);
  world.settle();
  const accepted = world.sessions[0];
  if (accepted === undefined) throw new Error('the server has no session');
  world.sent.toServer.length = 0;
  world.sent.toClient.length = 0;
  return { world, one, accepted };
}

/** A record of epoch 1, newer than all before, as somebody makes it who does not know the keys. */
export function forgedRecord(type: number, data: Buffer, cid?: Buffer): Buffer {
  const keys = { key: Buffer.alloc(16), fixedIv: Buffer.alloc(4) };
  const record = new Sealer(CIPHER_SUITES.TLS_PSK_WITH_AES_128_GCM_SHA256, keys, cid).seal(type, data);
  record.writeUIntBE(FORGED_SEQUENCE, 5, 6);
  return record;
}
