import { ReturnCode } from '@portico/codec-mqtt-sn';
import {
  type AttachedSession,
  type ClientStatus,
  type DeliverResult,
  type DetachReason,
  logFields,
  type Message,
  type QoS,
  type SessionHandler,
  type SubscriptionView,
  Timer,
  type Traffic,
  type Will,
} from '@portico/core';
import type { SnAddress } from './address.js';
import type { ClientInit } from './client-init.js';
import type { ClientRecord, Legacy } from './client-records.js';
import { Downlink, type Recipient } from './downlink.js';
import { Registrations } from './registrations.js';
import type { Shared } from './shared.js';
import { type ClientEvent, type ClientState, nextState, toleratedSilence } from './states.js';

/** Why a client is lost that has been silent, as operators see it. */
const SILENT: Readonly<Record<ClientState, string>> = {
  active: 'keepalive_timeout',
  asleep: 'sleep_timeout',
  awake: 'sleep_timeout',
};

/** In place of the time when a session began: the hub has not let its client in yet. */
const NO_SESSION = -1;

/**
 * One device, known by its client id wherever it speaks from: its session with the hub, its topic ids, and whether it
 * is awake. It is its own timer, which looks when it fires how long ago the device was heard.
 */
export class SnClient extends Timer implements SessionHandler, Recipient {
  readonly clientId: string;
  readonly cleanSession: boolean;
  readonly keepalive: number;
  readonly registrations: Registrations;
  readonly downlink: Downlink;
  /** What waits for an answer is bounded here and by the session's window. */
  readonly writable = true;
  session: AttachedSession | undefined;
  will: Will | undefined;
  /** The QoS 1 PUBLISH acknowledged last, which may come again: its MsgId and TopicId. */
  lastPublish: { readonly msgId: number; readonly topicId: number } | undefined;
  #address: SnAddress;
  #state: ClientState = 'active';
  /** Seconds that it announced. */
  #sleepDuration = 0;
  /** On the monotonic clock. */
  #lastHeard: number;
  readonly #shared: Shared;
  readonly #onEnd: (client: SnClient) => void;
  /** Whether the address that it was heard from last has been forgotten. */
  #unreachable = false;
  /** See `GatewayContext.sessionSince`. */
  #sessionSince = NO_SESSION;
  #ended = false;

  /** @param onEnd told once when its connection is over */
  constructor(init: ClientInit, address: SnAddress, shared: Shared, onEnd: (client: SnClient) => void) {
    super();
    const { clientId, cleanSession, keepalive, will, legacy } = init;
    this.clientId = clientId;
    this.cleanSession = cleanSession;
    this.keepalive = keepalive;
    this.will = will;
    this.registrations = new Registrations(shared.predefined, shared.config.max_topics, legacy);
    this.#address = address;
    this.#shared = shared;
    this.#onEnd = onEnd;
    this.#lastHeard = shared.context.clock.monotonic();
    this.downlink = new Downlink(this, shared);
  }

  get address(): SnAddress {
    return this.#address;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Whether its connection is over. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The hub has let it in. */
  begin(session: AttachedSession): void {
    this.#take(session);
    this.#address.send({ type: 'connack', returnCode: ReturnCode.accepted });
    session.resume();
  }

  /** The hub has let it in as it was before a restart: asleep. @param sleepDuration seconds */
  beginAsleep(session: AttachedSession, sleepDuration: number): void {
    this.#take(session);
    this.sleep(sleepDuration);
  }

  #take(session: AttachedSession): void {
    this.session = session;
    this.#sessionSince = this.#shared.context.sessionSince(this.clientId) ?? NO_SESSION;
    this.#shared.metrics.clients.add(1);
    this.#shared.metrics.clientsByState[this.#state].add(1);
    this.#address.serve(this);
    this.remember();
    this.#arm();
  }

  // Where it is

  /** A sign of life. */
  heard(): void {
    this.#lastHeard = this.#shared.context.clock.monotonic();
  }

  /** It speaks from elsewhere now, or from where it was after that had been forgotten. */
  moveTo(address: SnAddress): void {
    if (this.#address.client === this) this.#address.client = undefined;
    this.#address = address;
    address.serve(this);
  }

  /** Where it was is gone: messages wait until it is {@link reached}. */
  unreachable(): void {
    this.#unreachable = true;
    this.#rest();
  }

  /** What it sends shows that it goes on: messages that waited for it are sent, unless it sleeps. */
  reached(): void {
    if (!this.#unreachable) return;
    this.#unreachable = false;
    if (this.#state !== 'asleep') this.#flow();
  }

  /** Nothing is sent to it: messages wait. */
  #rest(): void {
    this.downlink.suspend();
    this.session?.suspend();
  }

  /** Messages are sent to it, those first that waited. */
  #flow(): void {
    this.session?.resume();
    this.downlink.resume();
  }

  // What it wants

  /** DISCONNECT with a duration, in seconds. */
  sleep(duration: number): void {
    this.#sleepDuration = duration;
    this.session?.setSessionExpiry(
      Math.max(this.sessionExpiry, Math.ceil(toleratedSilence(duration) / 1000)),
    );
    this.#on('sleep');
    this.#tellWill(this.willDelay);
    this.remember();
    this.#arm();
  }

  /**
   * Seconds that the will waits when the hub falls or stops: a client that sleeps is lost only when its sleep is over.
   */
  get willDelay(): number {
    return this.#state === 'active' ? 0 : Math.ceil(toleratedSilence(this.#sleepDuration) / 1000);
  }

  #tellWill(delay: number): void {
    if (this.will !== undefined) this.session?.setWill({ ...this.will, delay });
  }

  /** PINGREQ: an active client wants to know whether the gateway is there, a sleeping one its messages. */
  ping(): void {
    this.#on('ping');
    if (this.#state === 'active') {
      this.#address.send({ type: 'pingresp' });
      this.reached();
      return;
    }
    this.#unreachable = false;
    this.#shared.metrics.counters['mqttsn.clients.woken'].value++;
    // Also when it is awake: it has not got what it has been sent.
    this.#rest();
    this.#flow();
    this.goOn();
    if (this.#state === 'awake') this.#arm();
  }

  /** DISCONNECT without a duration. */
  leave(): void {
    this.#on('leave');
  }

  /** The last of the messages that waited may be done with: then it may sleep again, and is told so. */
  goOn(): void {
    if (this.#state !== 'awake' || !this.#isDrained()) return;
    this.#on('drained');
    this.#address.send({ type: 'pingresp' });
    this.#arm();
  }

  #isDrained(): boolean {
    if (!this.downlink.idle || this.session === undefined) return false;
    const { inflight, mqueueLength } = this.session.statistics;
    return inflight === 0 && mqueueLength === 0;
  }

  /** Seconds that the session outlives the connection. */
  get sessionExpiry(): number {
    return this.cleanSession ? 0 : Math.ceil(this.#shared.config.session_expiry_interval / 1000);
  }

  // Its life

  #on(event: ClientEvent): void {
    const next = nextState(this.#state, event);
    if (next === 'lost') this.#lost(event);
    else if (next === 'disconnected') this.#left();
    else this.#become(next);
  }

  #become(next: ClientState): void {
    if (next !== this.#state) this.#enter(next);
    if (next === 'asleep') this.#rest();
  }

  #enter(state: ClientState): void {
    const { context, metrics } = this.#shared;
    metrics.clientsByState[this.#state].add(-1);
    metrics.clientsByState[state].add(1);
    this.#state = state;
    if (!context.log.isLevelEnabled('debug') || this.session === undefined) return;
    context.log.debug(logFields(this.session.client, this.status()), 'state of MQTT-SN client');
  }

  #lost(event: ClientEvent): void {
    this.#shared.metrics.counters['mqttsn.clients.lost'].value++;
    this.#address.dismiss();
    this.#tellWill(0);
    this.close(event === 'unanswered' ? 'retries_exceeded' : SILENT[this.#state]);
  }

  #left(): void {
    this.session?.clearWill();
    this.close('normal');
  }

  override fire(): void {
    if (this.#state === 'awake') this.goOn();
    if (this.#remaining() <= 0) this.#on('silence');
    else this.#arm();
  }

  /** Milliseconds until it has been silent for too long. */
  #remaining(): number {
    const duration = this.#state === 'active' ? this.keepalive : this.#sleepDuration;
    if (duration === 0) return Number.POSITIVE_INFINITY;
    return this.#lastHeard + toleratedSilence(duration) - this.#shared.context.clock.monotonic();
  }

  /** Whether it has announced how long it may be silent: it is lost when it is silent for longer. */
  get awaited(): boolean {
    return this.#remaining() !== Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    if (this.session === undefined) return;
    const { context, config } = this.#shared;
    const remaining = this.#remaining();
    // Some messages may come to an end without a sign, such as those that expire.
    const due = this.#state === 'awake' ? Math.min(remaining, config.retry_interval) : remaining;
    if (due === Number.POSITIVE_INFINITY) context.timers.cancel(this);
    else context.timers.arm(this, due);
  }

  /** See `SessionHandler.traffic`. */
  get traffic(): Traffic {
    return this.#address.traffic;
  }

  /** See `SessionHandler.status`. */
  status(): ClientStatus {
    return { state: this.#state, peer: this.#address.info.peer };
  }

  // From the session

  /** See `SessionHandler.takesAnyTopic`. */
  get takesAnyTopic(): boolean {
    return true;
  }

  deliver(
    message: Message,
    topic: string,
    _subscription: SubscriptionView,
    qos: QoS,
    packetId: number,
    retain: boolean,
    dup: boolean,
  ): DeliverResult {
    const result = this.downlink.deliver(message, topic, qos, packetId, retain, dup);
    if (this.#state === 'awake') this.goOn();
    return result;
  }

  release(packetId: number): void {
    this.downlink.release(packetId);
  }

  detached(reason: DetachReason): void {
    const comesAgain = reason === 'taken_over' && this.#address.entering === this.clientId;
    if (!comesAgain) this.#address.dismiss();
    this.session = undefined;
    this.#end(reason === 'server_shutdown' && this.#state !== 'active');
  }

  // From its downlink

  registered(): void {
    if (this.#isRemembered) this.#shared.records.saveTopics(this.clientId, this.registrations);
  }

  /** It is told a topic id in a SUBACK or REGACK, which goes before messages with that id. */
  acquainted(topicId: number): void {
    this.registrations.know(topicId);
    this.registered();
  }

  unanswered(): void {
    this.#on('unanswered');
    if (this.#state === 'asleep') this.#arm();
  }

  // Its end

  /** @param reason as operators see it */
  close(reason: string): void {
    this.session?.setSessionExpiry(this.sessionExpiry);
    this.#closeSession(reason);
    this.#end();
  }

  /** The gateway stops. Who sleeps finds everything as it was when the gateway is there again in time. */
  shutdown(): void {
    const sleeps = this.#state !== 'active';
    if (!sleeps) this.#address.dismiss();
    this.#closeSession('server_shutdown');
    this.#end(sleeps);
  }

  #closeSession(reason: string): void {
    const { session } = this;
    this.session = undefined;
    session?.close(reason);
  }

  /** @param sleeps whether it goes on sleeping all the same */
  #end(sleeps = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#shared.context.timers.cancel(this);
    this.downlink.close();
    if (this.#address.client === this) this.#address.client = undefined;
    if (this.#sessionSince !== NO_SESSION) this.#leaveBehind(sleeps);
    this.#onEnd(this);
  }

  #leaveBehind(sleeps: boolean): void {
    const { metrics, records } = this.#shared;
    metrics.clients.add(-1);
    metrics.clientsByState[this.#state].add(-1);
    if (!sleeps) this.#state = 'active';
    if (this.sessionExpiry === 0 && !sleeps) records.forget(this.clientId, this.registrations);
    else records.save(this.clientId, this.#record);
  }

  // What is remembered

  /** Writes down what outlives the connection. */
  remember(): void {
    const { clientId, registrations } = this;
    const { records } = this.#shared;
    if (this.#isRemembered) {
      records.save(clientId, this.#record);
      records.saveTopics(clientId, registrations);
    } else records.forget(clientId, registrations);
  }

  /** Of a client with a clean session nothing outlives the connection unless it sleeps. */
  get #isRemembered(): boolean {
    return !this.cleanSession || this.#state !== 'active';
  }

  get #record(): ClientRecord {
    return {
      sessionSince: this.#sessionSince,
      place: this.#address.place,
      asleep: this.#state !== 'active',
      sleepDuration: this.#sleepDuration,
      cleanSession: this.cleanSession,
      will: this.will,
    };
  }

  /** What it leaves to itself when it connects anew. */
  get legacy(): Legacy {
    const { registrations } = this;
    return { ...this.#record, topics: registrations.entries(), written: registrations.written };
  }
}
