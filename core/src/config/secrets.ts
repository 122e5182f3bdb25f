/** What is shown in the place of a secret. */
export const MASK = '***';

/** Words that make a key a secret when its name is one of them or ends in one, as `key_password` does. */
const SECRET_WORDS = [
  'password',
  'passphrase',
  'passcode',
  'password_hash',
  'secret',
  'token',
  'psk',
] as const;

const SECRET_KEY = new RegExp(`(?:^|_)(?:${SECRET_WORDS.join('|')})$`);

/** Whether the value of this key may never be shown: `password`, `key_password`, `secret`. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** Names of log fields whose values are masked wherever they occur. */
export const SECRET_FIELDS: readonly string[] = [
  ...SECRET_WORDS,
  'key_password',
  'keyPassword',
  'passwordHash',
];
