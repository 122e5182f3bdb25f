import {
  type ConnectRefusal,
  type ConnectRequest,
  type ConnectResult,
  isPromise,
  type MaybePromise,
} from '@portico/core';
import type { CoapChannel } from './channel.js';
import { type ClientSettings, CoapClient } from './client.js';
import type { CoapConfig } from './config.js';
import { coapSessionOptions } from './config.js';
import type { Login } from './uri.js';

/** Why a request has no client although the hub was not asked. */
export type NoClient =
  /** The client has no connection with that token. */
  | 'wrong_token'
  /** Clients have to open a connection first. */
  | 'no_connection';

/** A client, or why there is none. */
export type Found = CoapClient | ConnectRefusal | NoClient;

interface Connecting {
  readonly client: CoapClient;
  readonly done: Promise<Found>;
}

/**
 * All clients of the gateway by client id. A request whose login or token is that of its client is that client's,
 * wherever it comes from; any other login is put to the hub, and takes the client id over if the hub agrees. Where
 * a connection is required, only {@link ClientRegistry.open} lets anybody in.
 */
export class ClientRegistry {
  readonly #settings: ClientSettings;
  readonly #config: CoapConfig;
  readonly #sessionOptions;
  readonly #clients = new Map<string, CoapClient>();
  readonly #connecting = new Map<string, Connecting>();

  constructor(settings: ClientSettings, config: CoapConfig) {
    this.#settings = settings;
    this.#config = config;
    this.#sessionOptions = coapSessionOptions(config);
  }

  /** The client of a request. A promise while the hub is still making up its mind. */
  find(login: Login, channel: CoapChannel): MaybePromise<Found> {
    const connecting = this.#connecting.get(login.clientId);
    if (connecting !== undefined) {
      if (connecting.client.matches(login)) return connecting.done;
      return connecting.done.then(() => this.find(login, channel));
    }
    const client = this.#clients.get(login.clientId);
    if (login.token !== undefined) return client?.hasToken(login.token) ? client : 'wrong_token';
    if (this.#config.connection_required) return 'no_connection';
    return client?.matches(login) ? client : this.#connect(login, channel);
  }

  /** Lets a client in anew, whoever has its client id so far. @param login with the token that it will have */
  open(login: Login, channel: CoapChannel): MaybePromise<Found> {
    const connecting = this.#connecting.get(login.clientId);
    if (connecting !== undefined) return connecting.done.then(() => this.open(login, channel));
    return this.#connect(login, channel);
  }

  /** Ends all clients, those too whose login the hub is still looking at. */
  closeAll(reason: string): void {
    for (const { client } of this.#connecting.values()) client.close(reason);
    for (const client of [...this.#clients.values()]) client.close(reason);
  }

  #connect(login: Login, channel: CoapChannel): MaybePromise<Found> {
    const { clientId } = login;
    if (this.#isFull(clientId, channel)) {
      this.#metrics.counters['clients.refused'].value++;
      return 'server_busy';
    }
    const client = new CoapClient(login, channel, this.#settings, (ended) => this.#remove(ended));
    channel.clients++;
    const result = this.#settings.context.connect(this.#request(client));
    if (!isPromise(result)) return this.#connected(client, result);
    const done = result
      .then((settled) => this.#connected(client, settled))
      .finally(() => this.#connecting.delete(clientId));
    this.#connecting.set(clientId, { client, done });
    return done;
  }

  /** Whether nobody more may come in, at all or from that peer. Who takes a client's place makes it no more. */
  #isFull(clientId: string, channel: CoapChannel): boolean {
    const { max_clients, max_clients_per_peer } = this.#config;
    const replaced = this.#clients.get(clientId);
    if (channel.clients >= max_clients_per_peer && replaced?.origin !== channel) return true;
    return replaced === undefined && this.#clients.size + this.#connecting.size >= max_clients;
  }

  #request(client: CoapClient): ConnectRequest {
    const { clientId, username, password } = client.login;
    return {
      clientId,
      username,
      password,
      protocol: 'CoAP',
      protocolVersion: 1,
      connection: client.origin.info,
      mountpoint: this.#config.mountpoint,
      keepalive: Math.ceil(this.#config.keepalive / 1000),
      cleanStart: true,
      sessionExpiry: 0,
      options: this.#sessionOptions,
      mergeOverlapping: false,
      retransmits: false,
      handler: client,
    };
  }

  #connected(client: CoapClient, result: ConnectResult): Found {
    if (!result.ok) {
      if (client.endedBy === undefined) client.close(result.refusal);
      return result.refusal;
    }
    if (client.endedBy !== undefined) {
      result.session.close(client.endedBy);
      return 'server_unavailable';
    }
    if (!this.#clients.has(client.login.clientId)) this.#count(1);
    this.#clients.set(client.login.clientId, client);
    client.begin(result.session);
    return client;
  }

  #remove(client: CoapClient): void {
    client.origin.clients--;
    if (this.#clients.get(client.login.clientId) !== client) return;
    this.#clients.delete(client.login.clientId);
    this.#count(-1);
  }

  /** The gauge counts the clients of all zones. */
  #count(difference: number): void {
    this.#metrics.clients.add(difference);
  }

  get #metrics() {
    return this.#settings.observation.metrics;
  }
}
