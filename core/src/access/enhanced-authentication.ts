import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import type { SourceErrors } from './source-errors.js';
import type {
  AuthenticationOutcome,
  AuthenticationRefusal,
  Credentials,
  EnhancedAuthenticator,
  Exchange,
  ExchangeAnswer,
} from './types.js';

/** What an authentication of several steps has found out, for `ConnectRequest.authenticated`. */
export interface Authenticated {
  readonly outcome: AuthenticationOutcome;
  /** The user that the client has proved to be; undefined where the method knows no users, and for a refusal. */
  readonly username: string | undefined;
}

/** What comes of one step: the client is asked for more, or it is decided who it is. */
export type AuthenticationStep =
  | { readonly done: false; readonly data: Buffer | undefined }
  | {
      readonly done: true;
      readonly authenticated: Authenticated;
      /** The last word to a client that is let in, such as the server's own proof. */
      readonly data: Buffer | undefined;
    };

/** An authentication of several steps, under way. */
export interface EnhancedAuthentication {
  /**
   * Takes the client's next data. To be called again only after a step that was not done.
   * @param data undefined when it sent none; borrowed: good until this call returns
   */
  next(data: Buffer | undefined): MaybePromise<AuthenticationStep>;
}

/** For a client that is refused whatever it proves: no source is asked, and the first step is the last. */
export const REFUSED_BEFOREHAND: EnhancedAuthentication = {
  next: () => ({
    done: true,
    authenticated: { outcome: { ok: false, refusal: 'not_authorized' }, username: undefined },
    data: undefined,
  }),
};

/** What access control does about one authentication of several steps. */
export interface EnhancedServices {
  readonly errors: SourceErrors;
  /** Asks the hook `client.authenticate` about an outcome, and counts what comes of it. */
  conclude(outcome: AuthenticationOutcome, credentials: Credentials): MaybePromise<AuthenticationOutcome>;
}

/**
 * One client's authentication by a source: the exchange with the source of its method, with
 * what holds for every source. A source that fails refuses the client, and a user name that the client has
 * shown beforehand must be that of the user it proves to be.
 */
export class SourceAuthentication implements EnhancedAuthentication {
  readonly #source: EnhancedAuthenticator;
  readonly #credentials: Credentials;
  readonly #services: EnhancedServices;
  #exchange: Exchange | undefined;

  constructor(source: EnhancedAuthenticator, credentials: Credentials, services: EnhancedServices) {
    this.#source = source;
    this.#credentials = credentials;
    this.#services = services;
  }

  next(data: Buffer | undefined): MaybePromise<AuthenticationStep> {
    let answer: MaybePromise<ExchangeAnswer>;
    try {
      this.#exchange ??= this.#source.start(this.#credentials);
      answer = this.#exchange.next(data);
    } catch (error) {
      return this.#fail(error);
    }
    if (!isPromise(answer)) return this.#take(answer);
    return answer.then(
      (late) => this.#take(late),
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): MaybePromise<AuthenticationStep> {
    this.#services.errors.report(this.#source.name, error);
    return this.#refuse('not_authorized');
  }

  #take(answer: ExchangeAnswer): MaybePromise<AuthenticationStep> {
    switch (answer.answer) {
      case 'continue':
        return { done: false, data: answer.data };
      case 'deny':
        return this.#refuse(answer.refusal);
      case 'allow':
        return this.#allow(answer);
    }
  }

  #allow(answer: Extract<ExchangeAnswer, { answer: 'allow' }>): MaybePromise<AuthenticationStep> {
    const { username: shown } = this.#credentials;
    const { username = shown, isSuperuser = false, data } = answer;
    if (shown !== undefined && username !== shown) return this.#refuse('bad_credentials');
    return this.#conclude({ ok: true, isSuperuser, anonymous: false }, username, data);
  }

  #refuse(refusal: AuthenticationRefusal): MaybePromise<AuthenticationStep> {
    return this.#conclude({ ok: false, refusal }, undefined, undefined);
  }

  #conclude(
    outcome: AuthenticationOutcome,
    username: string | undefined,
    data: Buffer | undefined,
  ): MaybePromise<AuthenticationStep> {
    const credentials = username === undefined ? this.#credentials : { ...this.#credentials, username };
    const done = (decided: AuthenticationOutcome): AuthenticationStep => ({
      done: true,
      authenticated: { outcome: decided, username },
      data,
    });
    const decided = this.#services.conclude(outcome, credentials);
    return isPromise(decided) ? decided.then(done) : done(decided);
  }
}
