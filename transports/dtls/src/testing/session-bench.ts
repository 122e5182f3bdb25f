import { CIPHER_SUITES } from '../cipher-suites.js';
import type { Endpoint } from '../contract.js';
import { Counters } from '../counters.js';
import { Opener, Sealer } from '../record/protection.js';
import { RecordCursor } from '../record/record.js';
import { type Established, Session, type SessionSite } from '../session/session.js';
import { VirtualTime } from './virtual-time.js';
import { Recorder } from './world.js';

export const suite = CIPHER_SUITES.TLS_PSK_WITH_AES_128_CCM_8;
export const ours = { key: Buffer.alloc(16, 1), fixedIv: Buffer.alloc(4, 1) };
export const theirs = { key: Buffer.alloc(16, 2), fixedIv: Buffer.alloc(4, 2) };

/** Where the peer of a {@link SessionBench} is at first. */
export const HOME: Endpoint = { address: '10.0.0.1', port: 1 };

/** A session of a server, of which the test is the peer. */
export class SessionBench {
  readonly time = new VirtualTime();
  readonly counters = new Counters();
  readonly session: Session;
  readonly recorder: Recorder;
  forgotten = 0;
  readonly #cidLength: number;
  readonly #sent: Buffer[] = [];
  readonly #sealer: Sealer;
  readonly #opener = new Opener(suite, ours, 0);

  constructor(site: Partial<SessionSite> = {}, agreed: Partial<Established> = {}) {
    const ownCid = agreed.ownCid;
    this.#cidLength = ownCid?.length ?? 0;
    this.#sealer = new Sealer(suite, theirs, ownCid);
    const established: Established = {
      peer: { kind: 'psk', identity: 'me' },
      cipherSuite: 'TLS_PSK_WITH_AES_128_CCM_8',
      serverName: undefined,
      resumed: false,
      sealer: new Sealer(suite, ours, undefined),
      opener: new Opener(suite, theirs, this.#cidLength),
      ownCid: undefined,
      returnRoutabilityCheck: false,
      sessionId: undefined,
      finalFlight: undefined,
      ticket: undefined,
      ...agreed,
    };
    const whole: SessionSite = {
      environment: this.time,
      counters: this.counters,
      idleTime: 0,
      renegotiationRequest: 'client_hello',
      transmit: (datagram) => this.#sent.push(datagram),
      mayMove: () => true,
      moved: () => {},
      forget: () => {
        this.forgotten++;
      },
      ...site,
    };
    this.session = new Session(established, whole, { endpoint: HOME, key: keyOf(HOME), helloTag: 0 });
    this.recorder = new Recorder(this.session);
    this.session.open(() => this.recorder);
  }

  say(type: number, data: Buffer, from = HOME): void {
    this.receive(this.seal(type, data), from);
  }

  /** A record of the peer. */
  seal(type: number, data: Buffer): Buffer {
    return this.#sealer.seal(type, data);
  }

  receive(bytes: Buffer, from = HOME): void {
    const record = new RecordCursor(Buffer.from(bytes), this.#cidLength);
    const drop = record.next();
    if (drop !== undefined) throw new Error(drop);
    this.session.receive(record, from, keyOf(from));
  }

  /** What the session has sent since, decrypted: content type and hex. */
  answers(): [number, string][] {
    return this.#sent.splice(0).map((bytes) => {
      const record = new RecordCursor(bytes, 0);
      record.next();
      const drop = this.#opener.open(record);
      if (drop !== undefined) throw new Error(drop);
      return [record.type, record.body.toString('hex')];
    });
  }
}

function keyOf({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}
