/** Who a request says it comes from: the arguments `c`, `u` and `p` of its URI. */
export interface Login {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
}

/** Names of arguments that are never shown. */
export const SECRET_QUERIES: ReadonlySet<string> = new Set(['p']);

/** The login in a URI's arguments, the first of each name; undefined without a client id. */
export function loginOf(queries: readonly string[]): Login | undefined {
  const clientId = argument(queries, 'c=');
  if (clientId === undefined || clientId === '') return undefined;
  const password = argument(queries, 'p=');
  return {
    clientId,
    username: argument(queries, 'u='),
    password: password === undefined ? undefined : Buffer.from(password, 'utf8'),
  };
}

function argument(queries: readonly string[], prefix: string): string | undefined {
  return queries.find((query) => query.startsWith(prefix))?.slice(prefix.length);
}

/**
 * The topic of `/mqtt/…`: the segments behind the first, joined. A client may as well send it as one segment
 * with slashes (`a%2Fb` in its URI): options arrive decoded.
 */
export function topicOf(path: readonly string[]): string {
  return path.slice(1).join('/');
}
