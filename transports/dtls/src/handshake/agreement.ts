import { CIPHER_SUITES, type CipherSuiteName } from '../cipher-suites.js';
import {
  expandKeys,
  extendedMasterSecret,
  forgetKeys,
  masterSecret,
  type Randoms,
} from '../keys/key-schedule.js';
import { Opener, Sealer } from '../record/protection.js';

/** What both hellos together say about protection. */
export interface Agreement {
  readonly cipherSuite: CipherSuiteName;
  readonly randoms: Randoms;
  /** RFC 7627 */
  readonly extendedMasterSecret: boolean;
  /** Connection ids (RFC 9146 §3): what comes to this end carries the first, what leaves it the second. */
  readonly ownCid: Buffer | undefined;
  readonly peerCid: Buffer | undefined;
  /** Whether either side may have the other show that it is where it seems to be (RFC 9853). */
  readonly returnRoutabilityCheck: boolean;
}

/** The master secret. `premaster` is overwritten. @param sessionHash of all messages up to and with ClientKeyExchange */
export function agreeOnMaster(agreement: Agreement, premaster: Buffer, sessionHash: Buffer): Buffer {
  const master = agreement.extendedMasterSecret
    ? extendedMasterSecret(premaster, sessionHash)
    : masterSecret(premaster, agreement.randoms);
  premaster.fill(0);
  return master;
}

/** What the side `own` writes and reads epoch 1 with. */
export function protectionOf(
  agreement: Agreement,
  master: Buffer,
  own: 'client' | 'server',
): { sealer: Sealer; opener: Opener } {
  const { cipherSuite, randoms, ownCid, peerCid } = agreement;
  const suite = CIPHER_SUITES[cipherSuite];
  const keys = expandKeys(master, randoms);
  const [ours, theirs] = own === 'server' ? [keys.server, keys.client] : [keys.client, keys.server];
  const sealer = new Sealer(suite, ours, peerCid);
  const opener = new Opener(suite, theirs, ownCid?.length ?? 0);
  forgetKeys(keys);
  return { sealer, opener };
}
