import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Edition } from '@portico/codec-jt808';
import type { Authenticated, LineLimit } from '@portico/core';
import type { Jt808Config } from './config.js';
import type { Jt808Counters } from './counters.js';
import { HttpService, type ServiceAnswer } from './http-service.js';
import type { Registration, Registrations } from './registrations.js';

/** Results of 0x8100 (JT/T 808-2013 §8.6). */
export const RegistrationResult = {
  success: 0,
  vehicleRegistered: 1,
  noSuchVehicle: 2,
  terminalRegistered: 3,
  noSuchTerminal: 4,
} as const;

/** The answer to a registration. */
export type RegistrationAnswer =
  | { readonly result: 0; readonly registration: Registration }
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

/** What a registration tells, as far as services are asked about it. */
export type RegistrationBody = Readonly<Record<string, unknown>>;

/** Decides who may register, and who a terminal is that authenticates. */
export class Admission {
  readonly #registrations: Registrations;
  readonly #counters: Jt808Counters;
  readonly #registry: HttpService | undefined;
  readonly #authentication: HttpService | undefined;
  readonly #log: LineLimit;

  constructor(
    { registry_url, authentication_url, http_timeout }: Jt808Config,
    registrations: Registrations,
    counters: Jt808Counters,
    log: LineLimit,
  ) {
    this.#registrations = registrations;
    this.#counters = counters;
    this.#registry = registry_url ? new HttpService(registry_url, http_timeout) : undefined;
    this.#authentication = authentication_url ? new HttpService(authentication_url, http_timeout) : undefined;
    this.#log = log;
  }

  /** What is kept of a terminal that has registered. */
  registration(phone: string): Promise<Registration | undefined> {
    return this.#registrations.get(phone);
  }

  /** Answers 0x0100. @param edition by which it is written */
  async register(phone: string, body: RegistrationBody, edition: Edition): Promise<RegistrationAnswer> {
    const known = await this.#registrations.get(phone);
    if (this.#registry === undefined && known?.proven === false && body.dev_id === undefined) {
      // It ends before it tells which terminal it is: nothing of what is kept gives way to it.
      return { result: RegistrationResult.success, registration: known };
    }
    const granted = this.#registry
      ? await this.#askRegistry(this.#registry, phone, body)
      : { code: known?.proven === false ? known.code : randomBytes(CODE_BYTES).toString('hex') };
    if ('result' in granted) return this.#refuse(granted.result);
    const { manufacturer = '', dev_id = '', model = '', license_number = '' } = body;
    const registration: Registration = {
      code: granted.code,
      proven: this.#registry !== undefined,
      device: `${manufacturer}${dev_id}`,
      model: String(model),
      plate: String(license_number).slice(0, MAX_PLATE),
      edition,
    };
    if (isDeepStrictEqual(known, registration)) return { result: 0, registration };
    const isKept = this.#registrations.keep(phone, registration, known);
    if (!isKept)
      this.#log.write('warn', { phone }, 'no more terminals can register: max_terminals is reached');
    return isKept ? { result: 0, registration } : this.#refuse(RegistrationResult.noSuchTerminal);
  }

  #refuse(result: number): RegistrationAnswer {
    this.#counters['jt808.registrations.refused'].value++;
    return { result };
  }

  async #askRegistry(
    registry: HttpService,
    phone: string,
    { province, city, manufacturer, model, license_number, dev_id, color }: RegistrationBody,
  ): Promise<{ readonly code: string } | { readonly result: number }> {
    const question = { province, city, manufacturer, model, license_number, dev_id, color, phone };
    const answer = await registry.ask(question);
    const { code, authcode } = (answer.ok && answer.status === 200 ? Object(answer.body) : {}) as {
      readonly code?: unknown;
      readonly authcode?: unknown;
    };
    if (code === RegistrationResult.success && typeof authcode === 'string') return { code: authcode };
    if (isRefusal(code)) return { result: code };
    this.#failed('registry_url', phone, answer);
    return { result: RegistrationResult.vehicleRegistered };
  }

  /** Decides about 0x0102. @param kept what is kept of the terminal */
  async authenticate(phone: string, code: string, kept: Registration | undefined): Promise<Verdict> {
    if (kept?.proven) return isEqual(code, kept.code) ? PROVEN : REFUSED;
    if (this.#authentication === undefined) return UNKNOWN;
    const answer = await this.#authentication.ask({ code, phone });
    if (!answer.ok) this.#failed('authentication_url', phone, answer);
    return answer.ok && answer.status === 200 ? PROVEN : REFUSED;
  }

  #failed(service: string, phone: string, answer: ServiceAnswer): void {
    this.#counters['jt808.services.failed'].value++;
    const reason = answer.ok
      ? `HTTP status ${answer.status}, and no answer that is understood`
      : answer.reason;
    this.#log.write('warn', { service, phone, reason }, 'a JT/T 808 service has not answered');
  }
}

function isRefusal(code: unknown): code is number {
  return (
    typeof code === 'number' &&
    code >= RegistrationResult.vehicleRegistered &&
    code <= RegistrationResult.noSuchTerminal
  );
}

/** Takes as long for every code. */
function isEqual(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
