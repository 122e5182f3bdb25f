import type { Ban } from '../access/bans.js';
import type { Entrance } from '../access/client-policy.js';
import { type EnhancedAuthentication, REFUSED_BEFOREHAND } from '../access/enhanced-authentication.js';
import type { AuthenticationOutcome, Credentials } from '../access/types.js';
import { LineLimits } from '../runtime/line-limit.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import { type FilledTopic, fillTopic } from '../topics/placeholders.js';
import { Attachment } from './attachment.js';
import type { ConnectionInfo } from './client-info.js';
import { type ClientInfo, formatAddress, logFields } from './client-info.js';
import type { Engine } from './engine.js';
import type { ConnectRefusal } from './outcomes.js';
import { willRefusal } from './publication-rules.js';
import { Session } from './session.js';
import type { ConnectRequest, ConnectResult, Introduction } from './types.js';
import type { Wills } from './wills.js';

/** What authentication has found out about a client that may come in. */
type Admission = Extract<AuthenticationOutcome, { ok: true }>;

/**
 * How a client comes in: hook `client.connect`, bans, authentication, mountpoint, then a session: a new one, the
 * one it left, or the one that a living connection has to give up.
 */
export class Connector {
  readonly #engine: Engine;
  readonly #wills: Wills;
  /** By listener. */
  readonly #refusals: LineLimits;

  /** Counts those who ask to connect. */
  #asked = 0;

  constructor(engine: Engine, wills: Wills) {
    this.#engine = engine;
    this.#wills = wills;
    this.#refusals = new LineLimits(engine.log, engine.clock);
  }

  connect(request: ConnectRequest, entrance: Entrance): MaybePromise<ConnectResult> {
    this.#engine.metrics.counters['client.connect'].value++;
    const order = request.turn ?? this.takeTurn();
    const hooked = this.#engine.hooks.clientConnect.run(identified(request), request.connection);
    return isPromise(hooked)
      ? hooked.then((changed) => this.#authenticate(changed, entrance, order))
      : this.#authenticate(hooked, entrance, order);
  }

  /** See {@link ConnectRequest.turn}. */
  takeTurn(): number {
    return ++this.#asked;
  }

  startAuthentication(
    method: string,
    client: Introduction,
    entrance: Entrance,
  ): EnhancedAuthentication | undefined {
    setProvenIdentity(client);
    const { access } = this.#engine;
    const begun = access.startAuthentication(method, credentialsOf(client), entrance);
    return begun && this.#banOn(client, entrance) !== undefined ? REFUSED_BEFOREHAND : begun;
  }

  /** @param order in which clients asked to connect */
  #authenticate(request: ConnectRequest, entrance: Entrance, order: number): MaybePromise<ConnectResult> {
    const refused = this.#refusedByBan(request, entrance);
    if (refused !== undefined) return refused;
    const willError = request.will && willRefusal(request.will, request.options);
    if (willError !== undefined) return this.#refuse(request, willError);
    const outcome =
      request.authenticated?.outcome ?? this.#engine.access.authenticate(credentialsOf(request), entrance);
    const conclude = (settled: Awaited<typeof outcome>): MaybePromise<ConnectResult> =>
      settled.ok ? this.#admit(request, entrance, settled, order) : this.#refuse(request, settled.refusal);
    if (!isPromise(outcome)) return conclude(outcome);
    return outcome.then((settled) => this.#refusedByBan(request, entrance) ?? conclude(settled));
  }

  #banOn({ clientId, username, connection }: Introduction, { policy }: Entrance): Ban | undefined {
    if (!policy.checkBans) return undefined;
    return this.#engine.bans.find({ clientId, username, host: connection.peer.host });
  }

  #refusedByBan(request: ConnectRequest, entrance: Entrance): ConnectResult | undefined {
    const ban = this.#banOn(request, entrance);
    if (ban === undefined) return undefined;
    this.#engine.metrics.counters['client.banned'].value++;
    return this.#refuse(request, 'banned', this.#engine.bans.tell(ban) ? 'info' : 'debug');
  }

  #refuse(request: ConnectRequest, refusal: ConnectRefusal, level: 'info' | 'debug' = 'info'): ConnectResult {
    const { metrics, hooks } = this.#engine;
    const { connection, clientId } = request;
    metrics.counters['client.connack'].value++;
    this.#refusals.of(connection.listener).write(
      level,
      {
        clientid: clientId,
        username: request.username,
        listener: connection.listener,
        peer: formatAddress(connection.peer),
        reason: refusal,
      },
      'client refused',
    );
    hooks.clientConnack.notify(undefined, connection, refusal, clientId);
    return { ok: false, refusal };
  }

  #admit(
    request: ConnectRequest,
    entrance: Entrance,
    outcome: Admission,
    order: number,
  ): MaybePromise<ConnectResult> {
    if (this.#isSuperseded(request, order)) return this.#refuse(request, 'unspecified');
    const mountpoint = mountpointOf(request);
    if ('error' in mountpoint) return this.#refuse(request, 'clientid_invalid');
    if (this.#hasNoRoomFor(request)) return this.#refuse(request, 'server_unavailable');
    const existing = this.#existing(request, mountpoint.topic);
    const ending = existing === undefined ? this.#engine.records?.ending(request.clientId) : undefined;
    if (ending !== undefined) {
      return ending.then(
        () => this.#admit(request, entrance, outcome, order),
        () => this.#refuse(request, 'server_unavailable'),
      );
    }
    const connectedAt = this.#engine.clock.now();
    const client = clientInfo(request, entrance, outcome, mountpoint.topic, connectedAt);
    const session = existing ?? new Session(this.#engine, client, request.options, request.sessionExpiry);
    const attachment = new Attachment(this.#engine, client, request, session, order);
    session.attach(attachment, request.options, request.sessionExpiry, request.mergeOverlapping);
    this.#register(session, request.connection, existing !== undefined);
    return { ok: true, session: attachment, present: existing !== undefined };
  }

  /** Whether the client has come again, and is in, while this connection of it waited for its authentication. */
  #isSuperseded({ clientId }: ConnectRequest, order: number): boolean {
    const attachment = this.#engine.sessions.get(clientId)?.attachment;
    return attachment !== undefined && attachment.order > order;
  }

  /** Whether it would have one more session in a store that takes nothing new on. */
  #hasNoRoomFor({ clientId, sessionExpiry }: ConnectRequest): boolean {
    const { records, store, sessions } = this.#engine;
    const isNew = records !== undefined && sessionExpiry > 0 && !sessions.has(clientId);
    return isNew && store.failure !== undefined;
  }

  /** The session to go on with, freed from its connection; undefined when a new one is to be made. */
  #existing(request: ConnectRequest, mountpoint: string): Session | undefined {
    const { metrics, hooks, sessions } = this.#engine;
    const session = sessions.get(request.clientId);
    if (session === undefined) return undefined;
    const { attachment } = session;
    if (request.withdrawsWill === true) {
      attachment?.clearWill();
      this.#wills.clientReturned(request.clientId);
    }
    if (request.cleanStart || !belongsTo(session, request, mountpoint)) {
      metrics.counters['session.discarded'].value++;
      hooks.sessionDiscarded.notify(undefined, session.client);
      session.setExpiry(0);
      if (attachment === undefined) session.end('discarded');
      else attachment.expel('taken_over');
      return undefined;
    }
    if (attachment !== undefined) {
      metrics.counters['session.takeovered'].value++;
      hooks.sessionTakeovered.notify(undefined, session.client);
      attachment.expel('taken_over');
      if (session.ended) return undefined;
    }
    this.#wills.clientReturned(request.clientId);
    return session;
  }

  #register(session: Session, connection: ConnectionInfo, resumed: boolean): void {
    const { metrics, hooks, sessions, log } = this.#engine;
    const { client } = session;
    sessions.set(client.clientId, session);
    this.#engine.countSessions();
    metrics.gauges.connections.add(1);
    metrics.gauges.live_connections.add(1);
    metrics.counters['client.connack'].value++;
    metrics.counters['client.connected'].value++;
    if (resumed) {
      metrics.counters['session.resumed'].value++;
      hooks.sessionResumed.notify(undefined, client);
    } else {
      metrics.counters['session.created'].value++;
      hooks.sessionCreated.notify(undefined, client);
    }
    if (log.isLevelEnabled('info')) {
      const { protocolVersion: version, anonymous } = client;
      log.info(Object.assign(logFields(client), { anonymous, version, resumed }), 'client connected');
    }
    hooks.clientConnack.notify(undefined, connection, 'success', client.clientId);
    hooks.clientConnected.notify(undefined, client);
  }
}

function mountpointOf({
  mountpoint,
  clientId,
  username,
  connection,
  placeholders,
}: ConnectRequest): FilledTopic {
  const letters = { c: clientId, u: username, a: connection.peer.host };
  return fillTopic(mountpoint, Object.assign(letters, placeholders));
}

/** A session goes on only where its topics mean the same: on the same gateway, under the same mountpoint. */
function belongsTo({ client }: Session, { connection }: ConnectRequest, mountpoint: string): boolean {
  return client.gateway === connection.gateway && client.mountpoint === mountpoint;
}

/**
 * The request, with what is proved of its client in place of what the client says. The fields are set, not spread into
 * another object: there is a request for each client, and the copy would be large and slow to V8.
 */
function identified(request: ConnectRequest): ConnectRequest {
  setProvenIdentity(request);
  const user = request.authenticated?.username;
  if (user !== undefined) request.username = user;
  return request;
}

/** What the listener has proved stands above what the client says. */
function setProvenIdentity(client: Introduction): void {
  const { proven } = client.connection;
  if (proven?.clientId !== undefined) client.clientId = proven.clientId;
  if (proven?.username !== undefined) client.username = proven.username;
}

/** Whether it is proved who the client is: its username, or its client id where it shows no username. */
function isProven({ connection, clientId, username }: Introduction): boolean {
  const { proven } = connection;
  if (proven === undefined) return false;
  return username === undefined ? proven.clientId === clientId : proven.username === username;
}

function credentialsOf(client: Introduction): Credentials {
  const { clientId, username, password, protocol, connection } = client;
  return {
    clientId,
    username,
    password,
    protocol,
    peer: connection.peer,
    localPort: connection.local.port,
    gateway: connection.gateway,
    listener: connection.listener,
    certificate: connection.certificate,
    proven: isProven(client),
  };
}

function clientInfo(
  request: ConnectRequest,
  { zone, policy }: Entrance,
  { isSuperuser, anonymous }: Admission,
  mountpoint: string,
  connectedAt: number,
): ClientInfo {
  const { connection } = request;
  return {
    clientId: request.clientId,
    username: request.username,
    protocol: request.protocol,
    protocolVersion: request.protocolVersion,
    peer: connection.peer,
    localPort: connection.local.port,
    gateway: connection.gateway,
    listener: connection.listener,
    zone,
    policy,
    certificate: connection.certificate,
    mountpoint,
    isSuperuser,
    anonymous,
    keepalive: request.keepalive,
    cleanStart: request.cleanStart,
    sessionExpiry: request.sessionExpiry,
    connectedAt,
  };
}
