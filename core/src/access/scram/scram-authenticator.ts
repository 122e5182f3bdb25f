import type { EnhancedAuthenticator } from '../types.js';
import type { ScramConfig, ScramUserConfig } from './scram-config.js';
import { type ScramMechanism, scramCredentials } from './scram-credentials.js';
import { ScramExchange } from './scram-exchange.js';
import { type ScramUser, ScramUsers } from './scram-users.js';

/** The users of the configuration as a source of one SCRAM mechanism. */
export class ScramAuthenticator implements EnhancedAuthenticator {
  readonly name = 'scram';
  readonly method: ScramMechanism;
  readonly #users: ScramUsers;

  constructor(mechanism: ScramMechanism, users: ScramUsers) {
    this.method = mechanism;
    this.#users = users;
  }

  hasUser(username: string): boolean {
    return this.#users.has(username);
  }

  start(): ScramExchange {
    return new ScramExchange(this.#users);
  }
}

/** A source for each mechanism of the configuration. Takes some milliseconds for each password in plain text. */
export function createScramAuthenticators(config: ScramConfig): Promise<ScramAuthenticator[]> {
  const { mechanisms, iterations, users } = config;
  return Promise.all(
    mechanisms.map(async (mechanism) => {
      const able = users.flatMap((user) => scramUser(user, mechanism, iterations) ?? []);
      return new ScramAuthenticator(mechanism, new ScramUsers(mechanism, await Promise.all(able)));
    }),
  );
}

/** Undefined for a user who is kept for another mechanism only. */
function scramUser(
  { username, isSuperuser, secret }: ScramUserConfig,
  mechanism: ScramMechanism,
  iterations: number,
): Promise<ScramUser> | undefined {
  const withCredentials = (credentials: ScramUser['credentials']) => ({ username, isSuperuser, credentials });
  if (secret.kind === 'plain') {
    return scramCredentials(mechanism, secret.password, iterations).then(withCredentials);
  }
  const { credentials } = secret;
  return credentials.mechanism === mechanism ? Promise.resolve(withCredentials(credentials)) : undefined;
}
