import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { TextCodec } from '@portico/codec-jt808';
import type { Authenticated, LineLimit } from '@portico/core';
import type { Jt808Config } from './config.js';
import type { Jt808Counters } from './counters.js';
import { HttpService } from './http-service.js';
import type { Registration, Registrations } from './registrations.js';
import { type Applicant, RegistrationResult, Registry } from './registry.js';

/** The answer to a registration. */
export type RegistrationAnswer =
  | {
      readonly result: 0;
      readonly registration: Registration;
      /** Whether it takes the place of what is kept only when the terminal has authenticated, see `Admission.keep`. */
      readonly isClaim: boolean;
    }
  | { readonly result: number; readonly registration?: undefined };

/** Who a terminal is by its authentication code. */
export type Verdict =
  /** Who it says. */
  | { readonly verdict: 'proven'; readonly authenticated: Authenticated }
  | { readonly verdict: 'refused' }
  /** Neither code nor service tells: access control is to decide. */
  | { readonly verdict: 'unknown' };

const PROVEN: Verdict = {
  verdict: 'proven',
  authenticated: { outcome: { ok: true, isSuperuser: false, anonymous: false }, username: undefined },
};
const REFUSED: Verdict = { verdict: 'refused' };
const UNKNOWN: Verdict = { verdict: 'unknown' };

/** Bytes of the codes that the hub makes. */
const CODE_BYTES = 8;
/** Characters that are kept of a plate, or vehicle identification number. */
const MAX_PLATE = 32;

/** Decides who may register, and who a terminal is that authenticates. */
export class Admission {
  readonly #registrations: Registrations;
  readonly #counters: Jt808Counters;
  readonly #registry: Registry | undefined;
  readonly #authentication: HttpService | undefined;
  readonly #log: LineLimit;

  constructor(
    { registry_url, authentication_url, http_timeout }: Jt808Config,
    registrations: Registrations,
    counters: Jt808Counters,
    log: LineLimit,
    text: TextCodec,
  ) {
    this.#registrations = registrations;
    this.#counters = counters;
    this.#registry = registry_url
      ? new Registry(new HttpService(registry_url, http_timeout), text)
      : undefined;
    this.#authentication = authentication_url ? new HttpService(authentication_url, http_timeout) : undefined;
    this.#log = log;
  }

  /** What is kept of a terminal that has registered. */
  registration(phone: string): Promise<Registration | undefined> {
    return this.#registrations.get(phone);
  }

  /**
   * Answers 0x0100. Without a registry anybody may send it: what is kept of a terminal gives way only to one that is
   * authenticated, and no code of a registry is told to anybody.
   * @param isIn whether the terminal is authenticated
   */
  async register(applicant: Applicant, isIn: boolean): Promise<RegistrationAnswer> {
    const { phone, body } = applicant;
    const known = await this.#registrations.get(phone);
    const granted = this.#registry
      ? await this.#askRegistry(this.#registry, applicant)
      : this.#grantUnasked(phone, known, isIn);
    if ('result' in granted) return this.#refuse(granted.result);
    const isOpen = this.#registry === undefined;
    if (isOpen && known !== undefined && body.dev_id === undefined) {
      // It ends before it tells which terminal it is: nothing of what is kept gives way to it.
      return { result: RegistrationResult.success, registration: known, isClaim: false };
    }
    const registration = registrationOf(applicant, granted);
    if (isDeepStrictEqual(known, registration)) return { result: 0, registration, isClaim: false };
    if (isOpen && known !== undefined && !isIn) return { result: 0, registration, isClaim: true };
    const isKept = this.#registrations.keep(phone, registration);
    if (!isKept)
      this.#log.write('warn', { phone }, 'no more terminals can register: max_terminals is reached');
    return isKept
      ? { result: 0, registration, isClaim: false }
      : this.#refuse(RegistrationResult.noSuchTerminal);
  }

  /** The terminal has authenticated: what it claimed when it registered takes the place of what was kept. */
  keep(phone: string, claim: Registration): void {
    this.#registrations.keep(phone, claim);
  }

  #refuse(result: number): RegistrationAnswer {
    this.#counters['jt808.registrations.refused'].value++;
    return { result };
  }

  async #askRegistry(registry: Registry, applicant: Applicant): Promise<Granted | Refused> {
    const answer = await registry.ask(applicant);
    if (answer.kind === 'granted') return { code: answer.code, proven: true };
    if (answer.kind === 'refused') return answer;
    this.#failed('registry_url', applicant.phone, answer.reason);
    return { result: RegistrationResult.vehicleRegistered };
  }

  /** Decides about 0x0102. @param kept what is kept of the terminal */
  async authenticate(phone: string, code: string, kept: Registration | undefined): Promise<Verdict> {
    if (kept?.proven) return isEqual(code, kept.code) ? PROVEN : REFUSED;
    if (this.#authentication === undefined) return UNKNOWN;
    const answer = await this.#authentication.ask({ code, phone });
    if (!answer.ok) this.#failed('authentication_url', phone, answer.reason);
    return answer.ok && answer.status === 200 ? PROVEN : REFUSED;
  }

  /** Without a registry every terminal may register that has no code of one. */
  #grantUnasked(phone: string, known: Registration | undefined, isIn: boolean): Granted | Refused {
    if (known === undefined) return { code: randomBytes(CODE_BYTES).toString('hex'), proven: false };
    if (!known.proven || isIn) return known;
    this.#log.write('warn', { phone }, 'a terminal with a code of a registry cannot register without it');
    return { result: RegistrationResult.terminalRegistered };
  }

  #failed(service: string, phone: string, reason: string): void {
    this.#counters['jt808.services.failed'].value++;
    this.#log.write('warn', { service, phone, reason }, 'a JT/T 808 service gave no answer that can be used');
  }
}

/** The code of a terminal, and whether it proves who that is. */
type Granted = Pick<Registration, 'code' | 'proven'>;

interface Refused {
  readonly result: number;
}

function registrationOf({ body, edition }: Applicant, { code, proven }: Granted): Registration {
  const { manufacturer = '', dev_id = '', model = '', license_number = '' } = body;
  return {
    code,
    proven,
    device: `${manufacturer}${dev_id}`,
    model: String(model),
    plate: String(license_number).slice(0, MAX_PLATE),
    edition,
  };
}

/** Takes as long for every code. */
function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
