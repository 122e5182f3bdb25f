import { createHmac, randomBytes } from 'node:crypto';
import {
  MIN_SCRAM_ITERATIONS,
  SCRAM_MECHANISMS,
  SCRAM_SALT_LENGTH,
  type ScramCredentials,
  type ScramMechanism,
} from './scram-credentials.js';

/** A user that may log in by one mechanism. */
export interface ScramUser {
  /** As SASLprep gives it. */
  readonly username: string;
  readonly isSuperuser: boolean;
  readonly credentials: ScramCredentials;
}

/**
 * The users of one mechanism. For a name that is not among them there is one all the same, with a salt that is
 * always the same for that name and iterations as others have, so that nobody finds out by asking who is a
 * user: no proof fits its keys.
 */
export class ScramUsers {
  readonly #mechanism: ScramMechanism;
  readonly #users = new Map<string, ScramUser>();
  /** What users may look like. */
  readonly #samples: readonly ScramUser[];
  /** Known to this process alone; salts of unknown users are made of it. */
  readonly #secret = randomBytes(32);

  /** @param users no two with the same name, all with credentials of that mechanism */
  constructor(mechanism: ScramMechanism, users: readonly ScramUser[]) {
    this.#mechanism = mechanism;
    this.#samples = users;
    for (const user of users) this.#users.set(user.username, user);
  }

  /** Tells who is a user: for those who may know. */
  has(username: string): boolean {
    return this.#users.has(username);
  }

  /** Takes as long for a user as for nobody. */
  find(username: string): ScramUser {
    const nobody = this.#madeUp(username);
    return this.#users.get(username) ?? nobody;
  }

  #madeUp(username: string): ScramUser {
    const choice = this.#bytesFor('choice', username).readUInt32BE();
    const sample = this.#samples[choice % this.#samples.length]?.credentials;
    const { bytes } = SCRAM_MECHANISMS[this.#mechanism];
    const credentials: ScramCredentials = {
      mechanism: this.#mechanism,
      salt: this.#bytesFor('salt', username).subarray(0, sample?.salt.length ?? SCRAM_SALT_LENGTH),
      iterations: sample?.iterations ?? MIN_SCRAM_ITERATIONS,
      storedKey: this.#bytesFor('stored key', username).subarray(0, bytes),
      serverKey: this.#bytesFor('server key', username).subarray(0, bytes),
    };
    return { username, isSuperuser: false, credentials };
  }

  /** 64 bytes, always the same for that name: as long as the longest salt or key. */
  #bytesFor(purpose: string, username: string): Buffer {
    return createHmac('sha512', this.#secret).update(`${purpose}\0${username}`).digest();
  }
}
