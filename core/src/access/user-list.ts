import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import { PasswordChecker, type PasswordVerdict } from './password-checker.js';
import type { StoredPassword } from './password-scheme.js';
import type { AuthenticationAnswer, Authenticator, Credentials } from './types.js';

/** A user of the configuration. */
export interface User {
  readonly clientid?: string | undefined;
  readonly username?: string | undefined;
  /** Undefined for a user who comes in by the pre-shared key alone. */
  readonly password: StoredPassword | undefined;
  /** Key for TLS and DTLS, of {@link pskIdentityOf}. */
  readonly psk?: Buffer | undefined;
  readonly isSuperuser: boolean;
}

/** The identity of a user's pre-shared key. */
export function pskIdentityOf({
  username,
  clientid,
}: Pick<User, 'username' | 'clientid'>): string | undefined {
  return username ?? clientid;
}

const IGNORE: AuthenticationAnswer = { answer: 'ignore' };
const ALLOW: AuthenticationAnswer = { answer: 'allow', isSuperuser: false };
const ALLOW_SUPERUSER: AuthenticationAnswer = { answer: 'allow', isSuperuser: true };
const BAD_CREDENTIALS: AuthenticationAnswer = { answer: 'deny', refusal: 'bad_credentials' };
const SERVER_BUSY: AuthenticationAnswer = { answer: 'deny', refusal: 'server_busy' };

/**
 * The users that the configuration lists. A client is looked up by its client id, then by its username; the
 * user found first is the one whose password it must show. A user with both is found by client id and must
 * show that username too. A user with a pre-shared key who has proved by it who it is needs no password. Clients that are
 * not in the list are left to the next source.
 *
 * The answer is there at once unless the password has a slow hash; it is `server_busy` when too many of those
 * wait to be checked.
 */
export class UserList implements Authenticator {
  readonly name = 'users';
  readonly #byClientId = new Map<string, User>();
  readonly #byUsername = new Map<string, User>();
  /** Usernames of users that have a client id as well. */
  readonly #boundUsernames = new Set<string>();
  readonly #pskByIdentity = new Map<string, Buffer>();
  readonly #checker: PasswordChecker;

  /** @param users no two with the same client id, nor without client id with the same username */
  constructor(users: readonly User[], checker = new PasswordChecker()) {
    this.#checker = checker;
    for (const user of users) this.#add(user);
  }

  authenticate(credentials: Credentials): MaybePromise<AuthenticationAnswer> {
    const { clientId, username, password, proven } = credentials;
    const user = this.#find(clientId, username);
    if (user === undefined) return this.#isBound(username) ? BAD_CREDENTIALS : IGNORE;
    if (user.username !== undefined && user.username !== username) return BAD_CREDENTIALS;
    if (proven && user.psk !== undefined && isProof(user, clientId, username)) return answer(user, 'right');
    if (password === undefined || user.password === undefined) return BAD_CREDENTIALS;
    const verdict = this.#checker.check(user.password, password);
    return isPromise(verdict) ? verdict.then((late) => answer(user, late)) : answer(user, verdict);
  }

  pskKey(identity: string): Buffer | undefined {
    return this.#pskByIdentity.get(identity);
  }

  #add(user: User): void {
    const identity = pskIdentityOf(user);
    if (identity !== undefined && user.psk !== undefined) this.#pskByIdentity.set(identity, user.psk);
    if (user.clientid !== undefined) {
      this.#byClientId.set(user.clientid, user);
      if (user.username !== undefined) this.#boundUsernames.add(user.username);
    } else if (user.username !== undefined) {
      this.#byUsername.set(user.username, user);
    }
  }

  #find(clientId: string, username: string | undefined): User | undefined {
    const user = this.#byClientId.get(clientId);
    if (user !== undefined || username === undefined) return user;
    return this.#byUsername.get(username);
  }

  /** Whether the username belongs to client ids that the client has not shown. */
  #isBound(username: string | undefined): boolean {
    return username !== undefined && this.#boundUsernames.has(username);
  }
}

/** Whether what a client has proved, its username or without one its client id, is who the user is. */
function isProof(user: User, clientId: string, username: string | undefined): boolean {
  return pskIdentityOf(user) === (username ?? clientId);
}

function answer(user: User, verdict: PasswordVerdict): AuthenticationAnswer {
  if (verdict === 'busy') return SERVER_BUSY;
  if (verdict === 'wrong') return BAD_CREDENTIALS;
  return user.isSuperuser ? ALLOW_SUPERUSER : ALLOW;
}
