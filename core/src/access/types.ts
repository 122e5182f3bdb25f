import type { ClientInfo, PeerAddress, PeerCertificate } from '../engine/client-info.js';
import type { MaybePromise } from '../runtime/maybe-promise.js';

/** What a client shows when it connects; what authentication sources look at. */
export interface Credentials {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  readonly peer: PeerAddress;
  readonly localPort: number;
  readonly protocol: string;
  readonly gateway: string;
  readonly listener: string;
  readonly certificate: PeerCertificate | undefined;
  /**
   * A certificate or pre-shared key has proved who the client is: its username, or its client id when it has
   * no username.
   */
  readonly proven: boolean;
}

/**
 * A source's answer to "is this client who it says it is": `ignore` when it does not know the client, so that
 * the next source is asked.
 */
export type AuthenticationAnswer =
  | { readonly answer: 'allow'; readonly isSuperuser?: boolean }
  | { readonly answer: 'deny'; readonly refusal: AuthenticationRefusal }
  | { readonly answer: 'ignore' };

/** Why a client is turned away; `server_busy` when too many passwords wait to be checked. */
export type AuthenticationRefusal = 'bad_credentials' | 'not_authorized' | 'server_busy';

/** One authentication source: the user list of the configuration, later a database, a token … */
export interface Authenticator {
  /** As operators see it. */
  readonly name: string;
  authenticate(credentials: Credentials): MaybePromise<AuthenticationAnswer>;
  /**
   * The pre-shared key by which a client of that identity may come in over TLS or DTLS; undefined when it has none. Not
   * there where the source has no such keys.
   */
  pskKey?(identity: string): MaybePromise<Buffer | undefined>;
}

/**
 * A source that finds out in several steps who a client is, so that the client need not show its password
 * (MQTT 5 §4.12, RFC 4422).
 */
export interface EnhancedAuthenticator {
  /** As operators see it. */
  readonly name: string;
  /** The method as clients name it: `SCRAM-SHA-256`. */
  readonly method: string;
  /**
   * Whether it has a user of that name, whom nobody may pass for who does not name the method. Not there where the
   * method knows no users.
   */
  hasUser?(username: string): boolean;
  /** Begins an exchange with one client. */
  start(credentials: Credentials): Exchange;
}

/** A source's side of one exchange. */
export interface Exchange {
  /**
   * Answers the client's next data; called again only after `continue`.
   * @param data undefined when the client sent none; borrowed: good until this call returns
   */
  next(data: Buffer | undefined): MaybePromise<ExchangeAnswer>;
}

export type ExchangeAnswer =
  /** The client is to answer this. */
  | { readonly answer: 'continue'; readonly data?: Buffer }
  | {
      readonly answer: 'allow';
      /** The user that the client has proved to be, where the method knows users. */
      readonly username?: string;
      readonly isSuperuser?: boolean;
      /** The last word to the client. */
      readonly data?: Buffer;
    }
  | { readonly answer: 'deny'; readonly refusal: AuthenticationRefusal };

export type AccessAction = 'publish' | 'subscribe';
export type AuthorizationAnswer = 'allow' | 'deny' | 'ignore';

/** One source of access control: the rules of the configuration, later a database, a web service … */
export interface Authorizer {
  readonly name: string;
  /** @param topic topic name for publish, topic filter (without `$share/<group>/`) for subscribe, both with mountpoint */
  authorize(client: ClientInfo, action: AccessAction, topic: string): MaybePromise<AuthorizationAnswer>;
}

/** The outcome of the whole authentication chain. */
export type AuthenticationOutcome =
  | { readonly ok: true; readonly isSuperuser: boolean; readonly anonymous: boolean }
  | { readonly ok: false; readonly refusal: AuthenticationRefusal };
