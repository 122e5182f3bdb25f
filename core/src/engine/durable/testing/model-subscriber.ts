import { isPromise } from '../../../runtime/maybe-promise.js';
import type { TestHub } from '../../../testing/index.js';
import type { Message, QoS } from '../../message.js';
import type { AttachedSession, ConnectResult, SessionHandler, SessionOptions } from '../../types.js';
import type { FallingStore } from './falling-store.js';
import { Wire } from './wire.js';

/** What a subscriber has got since it began anew. */
export interface Got {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
}

/** What it still has to answer. */
interface Answer {
  readonly kind: 'puback' | 'pubrec' | 'pubcomp';
  readonly packetId: number;
}

/** A client as the standard wants it, MQTT 5 §4.3: it answers when it is told to. */
export class ModelSubscriber {
  readonly id: string;
  /** Counts the sessions that it has begun. */
  life = 0;
  got: Got[] = [];
  readonly #filters: readonly string[];
  readonly #options: Partial<SessionOptions>;
  #connecting: Wire | undefined;
  /** It has forgotten its last session, and the hub has not told it yet that it has done so too. */
  #cleanStart = false;
  #wire: Wire | undefined;
  #session: AttachedSession | undefined;
  #answers: Answer[] = [];
  /** QoS 2 packet identifiers whose PUBREL has not come. */
  readonly #held = new Set<number>();
  /** Filters that the hub has confirmed. */
  readonly #confirmed = new Set<string>();

  constructor(id: string, filters: readonly string[], options: Partial<SessionOptions> = {}) {
    this.id = id;
    this.#filters = filters;
    this.#options = options;
  }

  /** Whether it is connected, or will be when the hub answers. */
  get connected(): boolean {
    return this.#wire?.open === true || this.#connecting?.open === true;
  }

  get idle(): boolean {
    return this.#answers.length === 0;
  }

  /** Whether what is published now has to reach it. */
  expects(topic: string): boolean {
    return this.#confirmed.has(topic);
  }

  connect(hub: TestHub, store: FallingStore, cleanStart: boolean): void {
    this.lose();
    const wire = new Wire(store, () => this.leave());
    this.#connecting = wire;
    if (cleanStart) this.#beginAnew();
    this.#cleanStart ||= cleanStart;
    const request = hub.request(this.id, this.#handler(wire), {
      cleanStart: this.#cleanStart,
      sessionExpiry: 3600,
      retransmits: false,
      options: this.#options,
    });
    wire.handle(() => {
      const result = hub.connect(request);
      return isPromise(result)
        ? result.then((settled) => this.#onConnack(wire, settled))
        : this.#onConnack(wire, result);
    });
  }

  #onConnack(wire: Wire, result: ConnectResult): void {
    if (!result.ok) wire.open = false;
    else if (this.#connecting === wire) this.#onSession(wire, result);
    else result.session.close('closed');
  }

  #onSession(wire: Wire, result: ConnectResult & { ok: true }): void {
    this.#connecting = undefined;
    this.#wire = wire;
    this.#session = result.session;
    this.#cleanStart = false;
    if (!result.present) this.#beginAnew();
    result.session.resume();
    for (const filter of this.#filters) this.#subscribe(wire, filter);
  }

  #beginAnew(): void {
    this.life++;
    this.got = [];
    this.#held.clear();
    this.#confirmed.clear();
  }

  #subscribe(wire: Wire, filter: string): void {
    if (this.#confirmed.has(topicOf(filter))) return;
    const { life } = this;
    wire.handle(() => {
      const result = this.#session?.subscribe(filter, { qos: 2 });
      if (result === undefined || !('ok' in result) || !result.ok) throw new Error(`${filter} is refused`);
      wire.acknowledge(() => {
        if (life === this.life) this.#confirmed.add(topicOf(filter));
      });
    });
  }

  #handler(wire: Wire): SessionHandler {
    return {
      writable: true,
      deliver: (message, topic, _, qos, packetId) => {
        if (wire.open) this.#onPublish(message, topic, qos, packetId);
        return 'ok';
      },
      release: (packetId) => {
        wire.acknowledge(() => {
          this.#held.delete(packetId);
          this.#answers.push({ kind: 'pubcomp', packetId });
        });
      },
      detached: () => {
        wire.open = false;
      },
    };
  }

  #onPublish({ payload }: Message, topic: string, qos: QoS, packetId: number): void {
    if (qos === 1) this.#answers.push({ kind: 'puback', packetId });
    if (qos === 2) this.#answers.push({ kind: 'pubrec', packetId });
    if (qos === 2 && this.#held.has(packetId)) return;
    if (qos === 2) this.#held.add(packetId);
    this.got.push({ topic, payload: payload.toString(), qos });
  }

  /** Gives the oldest answers that it owes. */
  answer(count: number): void {
    for (const { kind, packetId } of this.#answers.splice(0, count)) {
      this.#wire?.handle(() => {
        if (kind === 'puback') this.#session?.acked(packetId);
        else if (kind === 'pubrec') this.#session?.received(packetId);
        else this.#session?.completed(packetId);
      });
    }
  }

  /** Its connection breaks, and the hub sees it. */
  leave(): void {
    const session = this.#session;
    this.lose();
    session?.close('closed');
  }

  /** Its connection breaks. */
  lose(): void {
    this.#connecting = undefined;
    if (this.#wire !== undefined) this.#wire.open = false;
    this.#wire = undefined;
    this.#session = undefined;
    this.#answers = [];
  }
}

/** The topic that a filter without wildcards is for. */
function topicOf(filter: string): string {
  return filter.replace(/^\$share\/[^/]+\//, '');
}
