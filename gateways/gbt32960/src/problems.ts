import { type Edition, ResponseFlag } from '@portico/codec-gbt32960';

/** Why a terminal or platform is not answered by success. */
export type Problem =
  | 'failed'
  | 'vin_repeated'
  | 'vin_unknown'
  | 'bad_structure'
  | 'bad_decryption'
  | 'bad_signature';

/** How each is told (GB/T 32960.3-2016 table 4; 2025 tells more of them apart). */
const FLAGS: { readonly [edition in Edition]: { readonly [problem in Problem]: number } } = {
  2016: {
    failed: ResponseFlag.Error,
    vin_repeated: ResponseFlag.VinRepeated,
    vin_unknown: ResponseFlag.Error,
    bad_structure: ResponseFlag.Error,
    bad_decryption: ResponseFlag.Error,
    bad_signature: ResponseFlag.Error,
  },
  2025: {
    failed: ResponseFlag.Error,
    vin_repeated: ResponseFlag.VinRepeated,
    vin_unknown: ResponseFlag.VinUnknown,
    bad_structure: ResponseFlag.BadStructure,
    bad_decryption: ResponseFlag.BadDecryption,
    bad_signature: ResponseFlag.BadSignature,
  },
};

/** The flag of an answer. @param problem undefined for success */
export function flagOf(edition: Edition, problem: Problem | undefined): number {
  return problem === undefined ? ResponseFlag.Success : FLAGS[edition][problem];
}
