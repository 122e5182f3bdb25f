import { isPromise, type MaybePromise } from '../../../runtime/maybe-promise.js';
import type { TestHub } from '../../../testing/index.js';
import type { QoS } from '../../message.js';
import type { PublishResult } from '../../outcomes.js';
import type { AttachedSession, SessionHandler } from '../../types.js';
import type { FallingStore } from './falling-store.js';
import { Wire } from './wire.js';

/** What a publisher has sent. */
export interface Sent {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly packetId: number;
  /** It has been acknowledged: the hub has it. */
  taken: boolean;
  /** The exchange is over. */
  done: boolean;
}

/** A client that publishes, and sends again what was not acknowledged when it comes back, MQTT 5 §4.4. */
export class ModelPublisher {
  readonly id: string;
  readonly sent: Sent[] = [];
  readonly #onTaken: (sent: Sent) => void;
  #wire: Wire | undefined;
  #session: AttachedSession | undefined;
  #lastId = 0;
  /** Those whose PUBREL has been sent on the present connection. */
  readonly #releasing = new Set<Sent>();

  /** @param onTaken called when the hub has acknowledged a message */
  constructor(id: string, onTaken: (sent: Sent) => void) {
    this.id = id;
    this.#onTaken = onTaken;
  }

  get idle(): boolean {
    return this.sent.every(({ done }) => done);
  }

  connect(hub: TestHub, store: FallingStore): void {
    if (this.#wire?.open) return;
    const wire = new Wire(store, () => this.leave());
    wire.handle(() => {
      const handler: SessionHandler = {
        writable: true,
        deliver: () => 'ok',
        release: () => {},
        detached: () => {
          wire.open = false;
        },
      };
      const request = hub.request(this.id, handler, { cleanStart: false, sessionExpiry: 3600 });
      const result = hub.connect(request);
      if (!('ok' in result && result.ok)) throw new Error(`${this.id} is not let in`);
      this.#wire = wire;
      this.#session = result.session;
      this.#releasing.clear();
      result.session.resume();
    });
    for (const sent of this.sent) if (!sent.done) this.#send(sent);
  }

  publish(topic: string, qos: QoS): void {
    const used = new Set(this.sent.filter(({ done }) => !done).map(({ packetId }) => packetId));
    // Few identifiers, so that they are soon used again.
    do this.#lastId = (this.#lastId % 8) + 1;
    while (used.has(this.#lastId) && used.size < 8);
    if (qos !== 0 && used.size === 8) return;
    const packetId = qos === 0 ? 0 : this.#lastId;
    const payload = `${this.id}${this.sent.length}`;
    const sent: Sent = { topic, payload, qos, packetId, taken: false, done: qos === 0 };
    this.sent.push(sent);
    this.#send(sent);
  }

  #send(sent: Sent): void {
    if (sent.taken) this.#release(sent);
    else this.#wire?.handle(() => this.#publish(sent));
  }

  #publish(sent: Sent): MaybePromise<void> {
    const { topic, qos, packetId } = sent;
    const publication = { topic, payload: Buffer.from(sent.payload), qos, retain: false };
    const wire = this.#wire;
    const answer = (result: PublishResult | undefined) => {
      if (result === undefined || qos === 0) return;
      wire?.acknowledge(() => this.#onAcknowledged(sent));
    };
    const result =
      qos === 2 ? this.#session?.publishOnce(packetId, publication) : this.#session?.publish(publication);
    if (isPromise(result)) return result.then(answer);
    answer(result);
  }

  #onAcknowledged(sent: Sent): void {
    if (!sent.taken) this.#onTaken(sent);
    sent.taken = true;
    if (sent.qos === 1) sent.done = true;
  }

  /** Sends PUBREL for what the hub has taken with QoS 2. */
  release(): void {
    for (const sent of this.sent) if (sent.qos === 2 && sent.taken && !sent.done) this.#release(sent);
  }

  #release(sent: Sent): void {
    const wire = this.#wire;
    if (this.#releasing.has(sent)) return;
    this.#releasing.add(sent);
    wire?.handle(() => {
      this.#session?.releasePublished(sent.packetId);
      wire.acknowledge(() => {
        sent.done = true;
      });
    });
  }

  /** Its connection breaks, and the hub sees it. */
  leave(): void {
    const session = this.#session;
    this.lose();
    session?.close('closed');
  }

  /** Its connection breaks. */
  lose(): void {
    if (this.#wire !== undefined) this.#wire.open = false;
    this.#wire = undefined;
    this.#session = undefined;
  }
}
