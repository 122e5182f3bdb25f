import { randomUUID } from 'node:crypto';
import {
  type Command,
  frame,
  negotiate,
  type StompFrame,
  type StompVersion,
  VERSIONS,
} from '@portico/codec-stomp';
import {
  type AttachedSession,
  ClientChannel,
  type ConnectRequest,
  type ConnectResult,
  type DetachReason,
  type FrameFault,
  formatAddress,
  isPromise,
  logFields,
  type MaybePromise,
  type Peer,
  type Timer,
} from '@portico/core';
import { type RequestCommand, StompClient } from './client.js';
import { HEART_BEAT, type Outgoing } from './codec.js';
import { Deliveries } from './deliveries.js';
import { agree, type HeartBeats, headerOf } from './heart-beats.js';
import type { Problem, Shared } from './shared.js';
import { Subscriptions } from './subscriptions.js';

/** What a client may ask for once it is connected, beside DISCONNECT. */
const REQUESTS: ReadonlySet<Command> = new Set<RequestCommand>([
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
]);

/** What CONNECT or STOMP asks for. */
interface Introduction {
  /** Empty for a client that cannot come back. */
  readonly name: string;
  readonly version: StompVersion;
  readonly beats: HeartBeats;
  readonly login: string | undefined;
  readonly passcode: string | undefined;
}

/**
 * One STOMP client: CONNECT opens its session; from then on each frame is carried out, and answered by a RECEIPT if it
 * asks for one, until one side says goodbye. Whatever goes wrong is told by an ERROR, which ends the connection (STOMP
 * 1.2, “ERROR”).
 */
export class StompChannel extends ClientChannel<StompFrame, Outgoing> {
  readonly #shared: Shared;
  readonly #subscriptions = new Subscriptions();
  #client: StompClient | undefined;
  #beat: Timer | undefined;

  constructor(peer: Peer<Outgoing>, shared: Shared) {
    super(peer, shared.context.clock, shared.config.idle_timeout);
    this.#shared = shared;
  }

  // From the client

  onFrame(received: StompFrame): MaybePromise<void> {
    const { command } = received;
    const client = this.#client;
    if (client === undefined) return this.#onFirst(received);
    if (command === 'DISCONNECT') return this.#goodbye(received);
    if (!REQUESTS.has(command)) return this.#fail(`${command} when connected`, 'protocol_error', received);
    const problem = client.handle(command as RequestCommand, received);
    if (isPromise(problem)) return problem.then((settled) => this.#conclude(received, settled));
    this.#conclude(received, problem);
  }

  #conclude(received: StompFrame, problem: Problem): void {
    if (this.closed) return;
    if (problem === undefined) this.#receipt(received);
    else this.#fail(problem, 'protocol_error', received);
  }

  #receipt({ headers }: StompFrame): void {
    const receipt = headers.get('receipt');
    if (receipt !== undefined) this.peer.sendAck(frame('RECEIPT', ['receipt-id', receipt]));
  }

  #goodbye(received: StompFrame): void {
    this.#receipt(received);
    this.closeBehindAcks('normal');
  }

  #onFirst(received: StompFrame): MaybePromise<void> {
    if (received.command !== 'CONNECT' && received.command !== 'STOMP') {
      return this.#fail(`${received.command} before CONNECT`, 'connect_expected', received);
    }
    const introduction = this.#introduction(received);
    if (introduction === undefined) return;
    const { name, login } = introduction;
    const clientId = name || `stomp-${randomUUID()}`;
    this.peer.identify({ clientId, username: login });
    const deliveries = this.#deliveries();
    const result = this.#shared.context.connect(this.#request(introduction, clientId, deliveries));
    const settle = (settled: ConnectResult) => this.#onConnectResult(settled, introduction, deliveries);
    return isPromise(result) ? result.then(settle) : settle(result);
  }

  /** Undefined when the client has been refused. */
  #introduction(received: StompFrame): Introduction | undefined {
    const { headers } = received;
    const version = negotiate(headers.get('accept-version'));
    if (version === undefined) {
      const known = VERSIONS.join(',');
      this.#fail(`Supported protocol versions are ${known}`, 'unsupported_version', received, [
        'version',
        known,
      ]);
      return undefined;
    }
    const { config } = this.#shared;
    const beats = agree(headers.get('heart-beat'), config.min_heart_beat);
    if (beats === undefined) {
      this.#fail('heart-beat is two numbers of milliseconds', 'protocol_error', received);
      return undefined;
    }
    const login = headers.get('login') ?? (config.default_login || undefined);
    const isDefault = headers.get('login') === undefined;
    const passcode =
      headers.get('passcode') ?? (isDefault ? config.default_passcode || undefined : undefined);
    const name = this.peer.info.proven?.clientId ?? headers.get('client-id') ?? '';
    return { name, version, beats, login, passcode };
  }

  #deliveries(): Deliveries {
    return new Deliveries(this.peer, this.#shared, this.#subscriptions, (reason) => this.detached(reason));
  }

  #request(introduction: Introduction, clientId: string, handler: Deliveries): ConnectRequest {
    const { config, session } = this.#shared;
    const { name, version, login, passcode, beats } = introduction;
    const isNamed = name !== '';
    return {
      clientId,
      username: login,
      password: passcode === undefined ? undefined : Buffer.from(passcode),
      protocol: 'STOMP',
      protocolVersion: Number(version),
      connection: this.peer.info,
      mountpoint: config.mountpoint,
      keepalive: Math.ceil(beats.in / 1000),
      cleanStart: !isNamed,
      sessionExpiry: isNamed ? Math.ceil(config.session_expiry_interval / 1000) : 0,
      options: session,
      mergeOverlapping: false,
      retransmits: false,
      handler,
    };
  }

  #onConnectResult(result: ConnectResult, introduction: Introduction, deliveries: Deliveries): void {
    if (!result.ok) {
      const words = result.refusal.replaceAll('_', ' ');
      this.#fail(`Connection refused (${words})`, result.refusal, undefined);
    } else if (this.closed) result.session.close('closed');
    else this.#welcome(result.session, introduction, deliveries);
  }

  #welcome(session: AttachedSession, { name, version, beats }: Introduction, deliveries: Deliveries): void {
    this.session = session;
    this.peer.identify(session.client);
    deliveries.begin(session, version);
    this.#client = new StompClient(session, this.#shared, this.#subscriptions, deliveries, name !== '');
    const { clientId } = session.client;
    const headers = [
      'version',
      version,
      'server',
      'portico',
      'session',
      clientId,
      'heart-beat',
      headerOf(beats),
    ];
    this.peer.send(frame('CONNECTED', headers));
    this.allowSilence(beats.in * this.#shared.config.heart_beat_tolerance);
    if (beats.out > 0) this.#startBeating(beats.out);
    session.resume();
  }

  // To the client

  /** A beat in the time of each interval, a little early: the way to the client takes time too. */
  #startBeating(interval: number): void {
    const { timers } = this.#shared.context;
    const delay = Math.ceil(interval * 0.8);
    const timer = timers.after(delay, () => {
      this.peer.send(HEART_BEAT);
      timers.arm(timer, delay);
    });
    this.#beat = timer;
  }

  /**
   * Tells the client what is wrong, and lets it go.
   * @param reason as operators see it
   * @param received the frame that it is about
   */
  #fail(
    problem: string,
    reason: string,
    received: StompFrame | undefined,
    more: readonly string[] = [],
  ): void {
    this.#shared.counters['stomp.errors.sent'].value++;
    if (received !== undefined) this.#tellInLog(received, problem);
    const receipt = received?.headers.get('receipt');
    const headers = ['message', problem, 'content-type', 'text/plain', ...more];
    if (receipt !== undefined) headers.push('receipt-id', receipt);
    const error = frame('ERROR', headers, Buffer.from(problem));
    if (received === undefined) {
      this.peer.send(error);
      this.close(reason);
    } else {
      // Not before the receipts of the frames before.
      this.peer.sendBehindAcks(error);
      this.closeBehindAcks(reason);
    }
  }

  /** Of what is no frame the hub tells, and of those that may not come in. */
  #tellInLog({ command }: StompFrame, problem: string): void {
    const { session, peer } = this;
    const { listener, peer: address } = peer.info;
    const client =
      session === undefined ? { listener, peer: formatAddress(address) } : logFields(session.client);
    this.#shared.log.write('info', { ...client, command, problem }, 'frame refused');
  }

  override detached(reason: DetachReason): void {
    this.session = undefined;
    this.#fail(reason.replaceAll('_', ' '), reason, undefined);
  }

  // From the connection

  protected override onSilence(): void {
    this.#fail('No heart-beat', 'keepalive_timeout', undefined);
  }

  override onFrameError({ code, message }: FrameFault): void {
    this.#fail(message, code, undefined);
  }

  override onShutdown(): void {
    this.#fail('The server is shutting down', 'server_shutdown', undefined);
  }

  override onWritable(): void {
    this.#client?.sendRest();
    super.onWritable();
    this.#client?.catchUp();
  }

  protected override leave(reason: string): void {
    if (this.#beat !== undefined) this.#shared.context.timers.cancel(this.#beat);
    this.#beat = undefined;
    if (this.session !== undefined) this.#client?.leave();
    super.leave(reason);
  }
}
