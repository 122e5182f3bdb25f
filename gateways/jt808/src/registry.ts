import { type Edition, MAX_BODY_LENGTH, type TextCodec } from '@portico/codec-jt808';
import type { HttpService } from './http-service.js';

/** Results of 0x8100 (JT/T 808-2013 §8.6). */
export const RegistrationResult = {
  success: 0,
  vehicleRegistered: 1,
  noSuchVehicle: 2,
  terminalRegistered: 3,
  noSuchTerminal: 4,
} as const;

/** What a registration tells, as far as services are asked about it. */
export type RegistrationBody = Readonly<Record<string, unknown>>;

/** A terminal that asks to be registered. */
export interface Applicant {
  readonly phone: string;
  readonly body: RegistrationBody;
  /** By which its registration is written. */
  readonly edition: Edition;
}

/** What a registry has said of a terminal. */
export type RegistryAnswer =
  | { readonly kind: 'granted'; readonly code: string }
  /** @see RegistrationResult */
  | { readonly kind: 'refused'; readonly result: number }
  /** Nothing that is understood, with the reason for the log. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Serial number and result, which stand before the code in 0x8100. */
const BEFORE_CODE = 3;
/**
 * Bytes of the longest code: since 2019 a byte says how many 0x0102 has of it (JT/T 808-2019 table 13), before it is what
 * one frame of 0x8100 has room for.
 */
const LONGEST_CODE_2019 = 255;
const LONGEST_CODE = MAX_BODY_LENGTH - BEFORE_CODE;

/** The service that says which terminals may register, and gives them their codes. */
export class Registry {
  readonly #service: HttpService;
  readonly #text: TextCodec;

  /** @param text how codes stand in messages */
  constructor(service: HttpService, text: TextCodec) {
    this.#service = service;
    this.#text = text;
  }

  async ask({ phone, body, edition }: Applicant): Promise<RegistryAnswer> {
    const { province, city, manufacturer, model, license_number, dev_id, color } = body;
    const question = { province, city, manufacturer, model, license_number, dev_id, color, phone };
    const answer = await this.#service.ask(question);
    if (!answer.ok) return { kind: 'failed', reason: answer.reason };
    const { code, authcode } = (answer.status === 200 ? Object(answer.body) : {}) as {
      readonly code?: unknown;
      readonly authcode?: unknown;
    };
    if (code === RegistrationResult.success && typeof authcode === 'string') {
      return this.#granted(authcode, edition);
    }
    if (isRefusal(code)) return { kind: 'refused', result: code };
    return { kind: 'failed', reason: `HTTP status ${answer.status}, and no answer that is understood` };
  }

  /** Only what the terminal can be sent, and can send back. */
  #granted(code: string, edition: Edition): RegistryAnswer {
    const size = this.#text.encode(code)?.length;
    const longest = edition === 2019 ? LONGEST_CODE_2019 : LONGEST_CODE;
    if (size !== undefined && size > 0 && size <= longest) return { kind: 'granted', code };
    const fault =
      size === undefined
        ? `cannot be written in ${this.#text.name}`
        : `has ${size} bytes, not 1 to ${longest}`;
    return { kind: 'failed', reason: `its authentication code ${fault}` };
  }
}

function isRefusal(code: unknown): code is number {
  return (
    typeof code === 'number' &&
    code >= RegistrationResult.vehicleRegistered &&
    code <= RegistrationResult.noSuchTerminal
  );
}
