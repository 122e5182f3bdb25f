import { type ConnectionInfo, provenPeer } from '@portico/core';
import { ARGUMENTS } from './uri-arguments.js';

/** Who a request says it comes from, by the arguments of its URI, and what its peer has proved. */
export interface Login {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  /** Of the connection that the client has opened; it stands for the credentials. */
  readonly token: string | undefined;
  /** Whose key its peer has shown, see `provenPeer`. */
  readonly peer: string | undefined;
}

/**
 * The login in a URI's arguments, the first of each name. What the listener takes for proved stands above them.
 * @param unnamed client id of a client that names none; undefined where it has to
 * @returns undefined without a client id
 */
export function loginOf(
  queries: readonly string[],
  connection: ConnectionInfo,
  unnamed?: string,
): Login | undefined {
  const { proven } = connection;
  const clientId = proven?.clientId ?? argument(queries, 'clientId') ?? unnamed;
  if (clientId === undefined || clientId === '') return undefined;
  const password = argument(queries, 'password');
  return {
    clientId,
    username: proven?.username ?? argument(queries, 'username'),
    password: password === undefined ? undefined : Buffer.from(password, 'utf8'),
    token: argument(queries, 'token'),
    peer: provenPeer(connection),
  };
}

/** The first argument of that meaning. */
export function argument(queries: readonly string[], name: keyof typeof ARGUMENTS): string | undefined {
  for (const query of queries) {
    for (const prefix of ARGUMENTS[name]) {
      if (query.startsWith(prefix)) return query.slice(prefix.length);
    }
  }
  return undefined;
}

/**
 * The topic of `/mqtt/…`: the segments behind the first, joined. A client may as well send it as one segment
 * with slashes (`a%2Fb` in its URI): options arrive decoded.
 */
export function topicOf(path: readonly string[]): string {
  return path.slice(1).join('/');
}
