import type { ClientInfo } from '../engine/client-info.js';
import type { Hooks } from '../engine/hooks.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import type { Metrics } from '../runtime/metrics.js';
import { type AclCache, AclCaches } from './acl-cache.js';
import type { ClientPolicy, Entrance } from './client-policy.js';
import {
  type EnhancedAuthentication,
  type EnhancedServices,
  SourceAuthentication,
} from './enhanced-authentication.js';
import { isLoopbackAddress } from './ip-range.js';
import { SourceChain } from './source-chain.js';
import { SourceErrors } from './source-errors.js';
import type {
  AccessAction,
  AuthenticationAnswer,
  AuthenticationOutcome,
  Authenticator,
  AuthorizationAnswer,
  Authorizer,
  Credentials,
  EnhancedAuthenticator,
} from './types.js';

/** When a client that comes and goes all the time is banned, where that is looked at. */
export interface FlappingPolicy {
  /** Disconnections within the window after which it is. */
  readonly maxCount: number;
  /** Milliseconds. */
  readonly window: number;
  /** Milliseconds that the ban lasts. */
  readonly banTime: number;
}

/** What is decided where no source decides, and how. */
export interface AccessPolicy {
  /** How clients are treated where their gateway does not say otherwise. */
  readonly clients: ClientPolicy;
  readonly flapping: FlappingPolicy;
  /** What holds for a publish or subscribe that no source has an opinion on. */
  readonly noMatch: 'allow' | 'deny';
  /** Undefined for no cache; `ttl` in milliseconds. */
  readonly cache: { readonly maxSize: number; readonly ttl: number } | undefined;
}

/** What {@link AccessControl} works with. */
export interface AccessControlOptions {
  readonly policy: AccessPolicy;
  readonly hooks: Hooks;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
}

function accessCounters(metrics: Metrics) {
  return {
    authenticate: metrics.counter('client.authenticate', 'Authentications, successful or not'),
    success: metrics.counter('client.auth.success', 'Successful authentications, anonymous ones too'),
    anonymous: metrics.counter('client.auth.anonymous', 'Clients let in anonymously'),
    successAnonymous: metrics.counter(
      'client.auth.success.anonymous',
      'The same as client.auth.anonymous: EMQX, whose names these are, has it under both',
    ),
    failure: metrics.counter('client.auth.failure', 'Failed authentications'),
    checkAcl: metrics.counter('client.check_acl', 'Access checks that the cache did not answer'),
    allow: metrics.counter('client.acl.allow', 'Access checks that allowed'),
    deny: metrics.counter('client.acl.deny', 'Access checks that denied'),
    cacheHit: metrics.counter('client.acl.cache_hit', 'Access checks that the cache answered'),
  };
}

/**
 * Who may come in, and who may publish and subscribe where: the one place that the engine asks.
 *
 * *Authentication*: the authenticators are asked in the order in which they were added. The first that allows
 * or denies decides. A client that none knows is let in when it has proved who it is; otherwise it is anonymous,
 * whatever it shows, and the policy of its entrance decides; but not by the name of a user that has to prove in several
 * steps who it is. Then the hook `client.authenticate` sees the outcome and may change it.
 * A client that names a method is asked in several steps by the source of that method, and by nobody else; the
 * hook sees that outcome too.
 *
 * *Authorization*: a superuser may do everything. Otherwise the client's cache is asked, then the authorizers
 * in the order in which they were added, then the rules of the configuration ({@link setRules}), then the
 * policy's `noMatch`; the hook `client.check_acl` sees the decision and may change it. What comes out is
 * cached, so a hook is not asked again while it is.
 *
 * A source that fails counts as not knowing the client; that is logged.
 */
export class AccessControl {
  #policy: AccessPolicy;
  readonly #hooks: Hooks;
  readonly #counters: ReturnType<typeof accessCounters>;
  readonly #caches: AclCaches;
  readonly #authenticators: SourceChain<Authenticator, [Credentials], AuthenticationAnswer>;
  /** Those of the authenticators that have pre-shared keys. */
  readonly #pskSources: SourceChain<Authenticator, [string], Buffer | undefined>;
  readonly #authorizers: SourceChain<Authorizer, [ClientInfo, AccessAction, string], AuthorizationAnswer>;
  readonly #enhancedServices: EnhancedServices;
  #ownEnhanced: readonly EnhancedAuthenticator[] = [];
  #addedEnhanced: readonly EnhancedAuthenticator[] = [];
  /** Those of the configuration, then those added. */
  #enhanced: readonly EnhancedAuthenticator[] = [];

  constructor({ policy, hooks, metrics, clock, log }: AccessControlOptions) {
    this.#policy = policy;
    this.#hooks = hooks;
    this.#counters = accessCounters(metrics);
    this.#caches = new AclCaches(clock, policy.cache?.maxSize ?? 0, policy.cache?.ttl ?? 0);
    const errors = new SourceErrors(log, clock);
    this.#enhancedServices = { errors, conclude: (...decision) => this.#conclude(...decision) };
    this.#authenticators = new SourceChain(
      {
        ask: (source, credentials) => source.authenticate(credentials),
        ignores: ({ answer }) => answer === 'ignore',
      },
      errors,
    );
    this.#pskSources = new SourceChain(
      {
        ask: (source, identity) => source.pskKey?.(identity),
        ignores: (key) => key === undefined,
      },
      errors,
    );
    this.#authorizers = new SourceChain(
      {
        ask: (source, client, action, topic) => source.authorize(client, action, topic),
        ignores: (answer) => answer === 'ignore',
      },
      errors,
    );
  }

  /** Of now, see {@link setPolicy}. */
  get policy(): AccessPolicy {
    return this.#policy;
  }

  /** In the order in which they are asked. */
  get authenticators(): readonly Authenticator[] {
    return this.#authenticators.sources;
  }

  /** In the order in which they were added. */
  get enhancedAuthenticators(): readonly EnhancedAuthenticator[] {
    return this.#enhanced;
  }

  /** In the order in which they are asked, the rules of the configuration at the end. */
  get authorizers(): readonly Authorizer[] {
    return this.#authorizers.sources;
  }

  /** @returns removes the source again */
  addAuthenticator(source: Authenticator): () => void {
    const remove = this.#authenticators.add(source);
    if (source.pskKey === undefined) return remove;
    const removeKeys = this.#pskSources.add(source);
    return () => {
      remove();
      removeKeys();
    };
  }

  /**
   * Of several with the same method, the one added first is asked.
   * @returns removes the source again; exchanges that are under way go on
   */
  addEnhancedAuthenticator(source: EnhancedAuthenticator): () => void {
    this.#addedEnhanced = [...this.#addedEnhanced, source];
    this.#arrangeEnhanced();
    return () => {
      this.#addedEnhanced = this.#addedEnhanced.filter((other) => other !== source);
      this.#arrangeEnhanced();
    };
  }

  /**
   * Sets or replaces the users of the configuration, who are looked up before any authenticator is asked. Those who are
   * connected stay.
   * @param users undefined for none
   * @param enhanced those who prove in several steps who they are
   */
  setUsers(users: Authenticator | undefined, enhanced: readonly EnhancedAuthenticator[]): void {
    this.#authenticators.setFirst(users);
    this.#pskSources.setFirst(users?.pskKey === undefined ? undefined : users);
    this.#ownEnhanced = enhanced;
    this.#arrangeEnhanced();
  }

  /**
   * Sets what is decided where no source decides. Clears all caches. How clients are treated is looked at when they come in:
   * that is up to those who let them in.
   */
  setPolicy(policy: AccessPolicy): void {
    this.#policy = policy;
    this.#caches.adjust(policy.cache?.maxSize ?? 0, policy.cache?.ttl ?? 0);
  }

  #arrangeEnhanced(): void {
    this.#enhanced = [...this.#ownEnhanced, ...this.#addedEnhanced];
  }

  /**
   * Clears all caches, as does the removal.
   * @returns removes the source again
   */
  addAuthorizer(source: Authorizer): () => void {
    const remove = this.#authorizers.add(source);
    this.clearCaches();
    return () => {
      remove();
      this.clearCaches();
    };
  }

  /** Sets or replaces the rules that are asked after all authorizers; undefined for none. Clears all caches. */
  setRules(rules: Authorizer | undefined): void {
    this.#authorizers.setLast(rules);
    this.clearCaches();
  }

  /** A cache for one client's decisions; it remembers nothing while the policy has none. */
  createCache(): AclCache {
    return this.#caches.create();
  }

  /** Makes all clients' caches forget what they hold. For one client use its own `clear`. */
  clearCaches(): void {
    this.#caches.clearAll();
  }

  /** @param entrance the way that the client came in by */
  authenticate(credentials: Credentials, entrance: Entrance): MaybePromise<AuthenticationOutcome> {
    if (entrance.policy.bypassAuthentication) {
      return this.#countAuthentication(outcomeForUnknown(credentials, entrance));
    }
    const answer = this.#authenticators.ask(credentials);
    return isPromise(answer)
      ? answer.then((late) => this.#conclude(this.#outcomeOf(late, credentials, entrance), credentials))
      : this.#conclude(this.#outcomeOf(answer, credentials, entrance), credentials);
  }

  /**
   * The pre-shared key of an identity: that of the first authenticator that has one. Never rejects.
   * @returns undefined when none has
   */
  pskKey(identity: string): MaybePromise<Buffer | undefined> {
    return this.#pskSources.ask(identity);
  }

  /**
   * Begins an authentication of several steps. It takes the place of {@link authenticate}.
   *
   * @param method as the client names it
   * @param entrance the way that the client came in by
   * @returns undefined when no source has that method, or nobody is asked who comes in there
   */
  startAuthentication(
    method: string,
    credentials: Credentials,
    entrance: Entrance,
  ): EnhancedAuthentication | undefined {
    if (entrance.policy.bypassAuthentication) return undefined;
    const source = this.#enhanced.find((candidate) => candidate.method === method);
    return source && new SourceAuthentication(source, credentials, this.#enhancedServices);
  }

  /**
   * Whether the client may do it.
   *
   * @param cache the client's own, made by {@link createCache}
   * @param topic topic name for publish, topic filter (without `$share/<group>/`) for subscribe, both with
   *   mountpoint
   */
  authorize(
    client: ClientInfo,
    cache: AclCache | undefined,
    action: AccessAction,
    topic: string,
  ): MaybePromise<boolean> {
    if (client.isSuperuser || !client.policy.checkAcl) return true;
    if (this.#authorizers.empty && this.#hooks.clientCheckAcl.empty) {
      this.#counters.checkAcl.value++;
      return this.#countAuthorization(this.#policy.noMatch === 'allow');
    }
    const cached = cache?.get(action, topic);
    if (cached !== undefined) {
      this.#counters.cacheHit.value++;
      return this.#countAuthorization(cached);
    }
    return this.#check(client, cache, action, topic);
  }

  #outcomeOf(
    answer: AuthenticationAnswer | undefined,
    credentials: Credentials,
    entrance: Entrance,
  ): AuthenticationOutcome {
    switch (answer?.answer) {
      case 'allow':
        return { ok: true, isSuperuser: answer.isSuperuser ?? false, anonymous: false };
      case 'deny':
        return { ok: false, refusal: answer.refusal };
      default: {
        const outcome = outcomeForUnknown(credentials, entrance);
        if (!outcome.ok || !outcome.anonymous || !this.#hasToProve(credentials.username)) return outcome;
        return { ok: false, refusal: 'bad_credentials' };
      }
    }
  }

  /** Whether that is the name of a user who is to be let in only after an authentication of several steps. */
  #hasToProve(username: string | undefined): boolean {
    return username !== undefined && this.#enhanced.some((source) => source.hasUser?.(username));
  }

  #conclude(outcome: AuthenticationOutcome, credentials: Credentials): MaybePromise<AuthenticationOutcome> {
    const decided = this.#hooks.clientAuthenticate.run(outcome, credentials);
    return isPromise(decided)
      ? decided.then((late) => this.#countAuthentication(late))
      : this.#countAuthentication(decided);
  }

  #countAuthentication(outcome: AuthenticationOutcome): AuthenticationOutcome {
    this.#counters.authenticate.value++;
    if (!outcome.ok) {
      this.#counters.failure.value++;
      return outcome;
    }
    this.#counters.success.value++;
    if (outcome.anonymous) {
      this.#counters.anonymous.value++;
      this.#counters.successAnonymous.value++;
    }
    return outcome;
  }

  #check(
    client: ClientInfo,
    cache: AclCache | undefined,
    action: AccessAction,
    topic: string,
  ): MaybePromise<boolean> {
    this.#counters.checkAcl.value++;
    const version = cache?.version;
    const allowed = this.#decide(client, action, topic);
    if (!isPromise(allowed)) {
      cache?.set(action, topic, allowed);
      return this.#countAuthorization(allowed);
    }
    return allowed.then((late) => {
      if (cache !== undefined && cache.version === version) cache.set(action, topic, late);
      return this.#countAuthorization(late);
    });
  }

  #decide(client: ClientInfo, action: AccessAction, topic: string): MaybePromise<boolean> {
    const answer = this.#authorizers.ask(client, action, topic);
    return isPromise(answer)
      ? answer.then((late) => this.#askHook(late, client, action, topic))
      : this.#askHook(answer, client, action, topic);
  }

  #askHook(
    answer: AuthorizationAnswer | undefined,
    client: ClientInfo,
    action: AccessAction,
    topic: string,
  ): MaybePromise<boolean> {
    const allowed = (answer ?? this.#policy.noMatch) === 'allow';
    const hook = this.#hooks.clientCheckAcl;
    return hook.empty ? allowed : hook.run(allowed, client, action, topic);
  }

  #countAuthorization(allowed: boolean): boolean {
    if (allowed) this.#counters.allow.value++;
    else this.#counters.deny.value++;
    return allowed;
  }
}

/**
 * A client whose certificate or key says who it is needs no source. By default anonymous ones are let in where only
 * this machine can reach the listener; not those that a proxy on this machine speaks for.
 */
function outcomeForUnknown(
  { proven, peer }: Credentials,
  { policy, loopback }: Entrance,
): AuthenticationOutcome {
  if (proven) return { ok: true, isSuperuser: false, anonymous: false };
  return (policy.allowAnonymous ?? (loopback && isLoopbackAddress(peer.host)))
    ? { ok: true, isSuperuser: false, anonymous: true }
    : { ok: false, refusal: 'not_authorized' };
}
