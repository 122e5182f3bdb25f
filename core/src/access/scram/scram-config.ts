import { z } from 'zod';
import { checkedText, parsedText } from '../../config/checked-text.js';
import { saslPrep } from './sasl-prep.js';
import {
  MAX_SCRAM_ITERATIONS,
  MIN_SCRAM_ITERATIONS,
  parseScramCredentials,
  SCRAM_MECHANISMS,
  type ScramCredentials,
  type ScramMechanism,
} from './scram-credentials.js';

/** Bytes of the longest user name. */
const MAX_USERNAME_LENGTH = 255;

const MECHANISM_NAMES = Object.keys(SCRAM_MECHANISMS) as readonly ScramMechanism[];

/** A user as configured: with the password itself, good for every mechanism, or what one of them keeps of it. */
export interface ScramUserConfig {
  readonly username: string;
  readonly isSuperuser: boolean;
  readonly secret:
    | { readonly kind: 'plain'; readonly password: string }
    | { readonly kind: 'stored'; readonly credentials: ScramCredentials };
}

function usernameError(name: string): string | undefined {
  const prepared = saslPrep(name);
  if (prepared === undefined) return 'a user name is not empty and has no control characters (SASLprep)';
  if (prepared !== name) return `clients that send it are taken for ${JSON.stringify(prepared)}: write it so`;
  if (Buffer.byteLength(name) > MAX_USERNAME_LENGTH) {
    return `a user name has at most ${MAX_USERNAME_LENGTH} bytes`;
  }
  return undefined;
}

function passwordError(password: string): string | undefined {
  return saslPrep(password) === undefined
    ? 'a password is not empty and has no control characters (SASLprep)'
    : undefined;
}

const userSchema = z
  .strictObject({
    username: checkedText(usernameError).describe('the name that the client proves to have'),
    password_hash: parsedText(parseScramCredentials)
      .optional()
      .describe('what bin/portico hash-password --scram prints, $scram-sha-256$…; for that mechanism only'),
    password: checkedText(passwordError)
      .optional()
      .describe('the password itself, readable by all who read this file; for all mechanisms'),
    is_superuser: z.boolean().default(false).describe('whether access rules do not apply to this user'),
  })
  .transform((user, context): ScramUserConfig => {
    const { username, is_superuser: isSuperuser, password, password_hash: credentials } = user;
    if (password !== undefined && credentials === undefined) {
      return { username, isSuperuser, secret: { kind: 'plain', password } };
    }
    if (credentials !== undefined && password === undefined) {
      return { username, isSuperuser, secret: { kind: 'stored', credentials } };
    }
    context.addIssue({ code: 'custom', message: 'a user has either password_hash or password' });
    return z.NEVER;
  });

/** The section `access.scram` of the configuration. */
export const scramConfigSchema = z
  .strictObject({
    mechanisms: z
      .array(z.enum(MECHANISM_NAMES))
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'a mechanism stands here twice')
      .default(['SCRAM-SHA-256', 'SCRAM-SHA-512'])
      .describe('what clients may choose from'),
    iterations: z
      .int()
      .min(MIN_SCRAM_ITERATIONS)
      .max(MAX_SCRAM_ITERATIONS)
      .default(MIN_SCRAM_ITERATIONS)
      .describe(
        'work for whoever guesses passwords, and for clients at every login; for users with password',
      ),
    users: z.array(userSchema).min(1).describe('who may log in'),
  })
  .superRefine(({ mechanisms, users }, context) => {
    const seen = new Set<string>();
    users.forEach(({ username, secret }, index) => {
      const complain = (message: string) =>
        context.addIssue({ code: 'custom', message, path: ['users', index] });
      if (seen.has(username)) complain(`there are two users with username "${username}"`);
      seen.add(username);
      // A user in whom something is wrong is still as it was written, without a secret.
      if (secret?.kind === 'stored' && !mechanisms.includes(secret.credentials.mechanism)) {
        complain(`its password_hash is for ${secret.credentials.mechanism}, which is not among mechanisms`);
      }
    });
  });

export type ScramConfig = z.output<typeof scramConfigSchema>;
