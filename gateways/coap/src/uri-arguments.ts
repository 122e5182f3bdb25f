/** Names of the arguments that have a meaning, short and long. */
export const ARGUMENTS = {
  clientId: ['c=', 'clientid='],
  username: ['u=', 'username='],
  password: ['p=', 'password='],
  token: ['t=', 'token='],
  qos: ['q=', 'qos='],
  retain: ['r=', 'retain='],
  expiry: ['expiry='],
} as const;

/** Names of arguments that are never shown. */
export const SECRET_QUERIES: ReadonlySet<string> = new Set(
  [...ARGUMENTS.password, ...ARGUMENTS.token].map((name) => name.slice(0, -1)),
);
