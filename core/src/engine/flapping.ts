import type { ClientInfo } from './client-info.js';
import type { Engine } from './engine.js';

/** Client ids that are watched at a time; then the one that has been quiet longest is forgotten. */
const MAX_WATCHED = 100_000;

/** Disconnections that the hub brought about: no client is to blame for them. */
const OUR_DOING: ReadonlySet<string> = new Set(['kicked', 'banned', 'server_shutdown']);

/**
 * Bans clients that come and go all the time, for a while: by client id, since several devices with one client id
 * that throw each other out are the commonest case. Their address and username may come in under another.
 *
 * It keeps the times of the last disconnections of those that disconnected within the window, and no timers.
 */
export class FlappingGuard {
  readonly #engine: Engine;
  /** Client id → `clock.monotonic()` of its disconnections, oldest first; who disconnected last comes last. */
  readonly #recent = new Map<string, number[]>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** It may be another at any time. */
  get #policy() {
    return this.#engine.access.policy.flapping;
  }

  /** A client's connection is over. @param reason as operators see it */
  disconnected({ clientId, policy }: ClientInfo, reason: string): void {
    if (!policy.detectFlapping || OUR_DOING.has(reason)) return;
    if (this.#countOf(clientId) < this.#policy.maxCount) return;
    this.#recent.delete(clientId);
    // Not at once: the connection that takes this one over is still to come, and is to be disconnected too.
    this.#engine.nextTurn(() => this.#ban(clientId));
  }

  /** Disconnections within the window, with the one now. */
  #countOf(clientId: string): number {
    const now = this.#engine.clock.monotonic();
    const begin = now - this.#policy.window;
    const times = this.#recent.get(clientId)?.filter((time) => time > begin) ?? [];
    times.push(now);
    this.#recent.delete(clientId);
    this.#recent.set(clientId, times);
    this.#forgetQuiet(begin);
    return times.length;
  }

  /** Forgets those that have not disconnected since `begin`, and the quietest when there are too many. */
  #forgetQuiet(begin: number): void {
    for (const [clientId, times] of this.#recent) {
      const last = times.at(-1) ?? begin;
      if (last > begin && this.#recent.size <= MAX_WATCHED) return;
      this.#recent.delete(clientId);
    }
  }

  #ban(clientId: string): void {
    const { clock, bans, log, metrics } = this.#engine;
    const at = clock.now();
    const until = at + this.#policy.banTime;
    const by = 'flapping detector';
    const ban = this.#engine.ban({ as: 'clientid', who: clientId, by, reason: 'flapping', at, until });
    if (ban === undefined) return;
    metrics.counters['client.flapping'].value++;
    bans.tell(ban);
    log.warn(
      { clientid: clientId, until: new Date(until) },
      'client banned because it disconnects too often',
    );
  }
}
