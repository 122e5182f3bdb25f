import { z } from 'zod';
import { checkedText, parsedText } from '../config/checked-text.js';
import { duration } from '../config/units.js';
import type { AclWho } from './acl-rules.js';
import { aclTopicError } from './acl-topics.js';
import { clientPolicyShape } from './client-policy.js';
import { ipRangeError } from './ip-range.js';
import { parsePasswordHash } from './password-hash.js';
import type { StoredPassword } from './password-scheme.js';
import { pskFault } from './psk-keys.js';
import { scramConfigSchema } from './scram/scram-config.js';
import { pskIdentityOf, type User } from './user-list.js';

const passwordHash = parsedText(parsePasswordHash);

const plainPassword = z.string().transform(
  (text): StoredPassword => ({
    scheme: { kind: 'plain', salt: 'none' },
    hash: text,
    salt: Buffer.alloc(0),
  }),
);

function parsePsk(text: string): Buffer | { readonly error: string } {
  const key = Buffer.from(text);
  const error = pskFault(key.length);
  return error === undefined ? key : { error };
}

const userSchema = z
  .strictObject({
    username: z.string().min(1).optional().describe('what the client shows as its username'),
    clientid: z.string().min(1).optional().describe('the client id; with a username, both must be right'),
    password_hash: passwordHash
      .optional()
      .describe(
        'hash of the password, such as $scrypt$…, $2b$…, $pbkdf2-sha256$…, $salt-sha256$…, $sha256$…',
      ),
    password: plainPassword
      .optional()
      .describe('the password itself, readable by all who read this file; better use password_hash'),
    psk: parsedText(parsePsk)
      .optional()
      .describe(
        'pre-shared key for TLS and DTLS, as text; its identity is the username, or the clientid where there is none; with it a password may be left out',
      ),
    is_superuser: z.boolean().default(false).describe('whether access rules do not apply to this user'),
  })
  .transform((user, context): User => {
    const { username, clientid, psk } = user;
    const password = user.password_hash ?? user.password;
    if (user.username === undefined && user.clientid === undefined) {
      context.addIssue({ code: 'custom', message: 'a user has a username or a clientid' });
    }
    if (user.password_hash !== undefined && user.password !== undefined) {
      context.addIssue({ code: 'custom', message: 'a user has either password_hash or password' });
    }
    if (password === undefined && psk === undefined) {
      context.addIssue({ code: 'custom', message: 'a user has password_hash, password or psk' });
    }
    return { username, clientid, password, psk, isSuperuser: user.is_superuser };
  });

/** The client id, or without one the username. */
function keyOf(user: User): string {
  return user.clientid === undefined ? `username "${user.username}"` : `clientid "${user.clientid}"`;
}

/** What no two users may share. */
function keysOf(user: User): string[] {
  return user.psk === undefined ? [keyOf(user)] : [keyOf(user), `psk identity "${pskIdentityOf(user)}"`];
}

const usersSchema = z.array(userSchema).superRefine((users, context) => {
  const seen = new Set<string>();
  users.forEach((user, index) => {
    for (const key of keysOf(user)) {
      if (seen.has(key))
        context.addIssue({ code: 'custom', message: `there are two users with ${key}`, path: [index] });
      seen.add(key);
    }
  });
});

const ipRange = () => checkedText(ipRangeError);

const whoSchema: z.ZodType<AclWho> = z.lazy(() =>
  z.union(
    [
      z.literal('all'),
      z
        .strictObject({
          username: z.string().optional().describe('the username that the client shows'),
          clientid: z.string().optional().describe('the client id'),
          anonymous: z
            .boolean()
            .optional()
            .describe('whether nobody has verified who the client is: its names are only what it says'),
          ipaddr: ipRange().optional().describe("the client's address, or a range that it is in"),
          ipaddrs: z.array(ipRange()).min(1).optional().describe('several addresses or ranges'),
          and: z.array(whoSchema).min(1).optional().describe('all of these hold'),
          or: z.array(whoSchema).min(1).optional().describe('one of these holds'),
        })
        .refine((who) => Object.keys(who).length > 0, WHO_HINT),
    ],
    { error: WHO_HINT },
  ),
);

const WHO_HINT = 'all, or one or more of username, clientid, anonymous, ipaddr, ipaddrs, and, or';

const topicSchema = z.union(
  [
    checkedText(aclTopicError),
    z.strictObject({ eq: z.string().min(1).describe('exactly this topic or filter, letter by letter') }),
  ],
  { error: 'a topic filter, or { eq: <topic> }' },
);

const ruleSchema = z.strictObject({
  permit: z.enum(['allow', 'deny']).describe('what the rule does'),
  who: whoSchema.default('all').describe('which clients it is about; all the conditions given must hold'),
  action: z.enum(['publish', 'subscribe', 'pubsub']).default('pubsub').describe('what they want to do'),
  topics: z
    .array(topicSchema)
    .min(1)
    .optional()
    .describe(
      'topic filters, with %c for the client id, %u for the username, %a for the address; default all',
    ),
});

const cacheSchema = z.strictObject({
  enable: z.boolean().default(true).describe('remember decisions for a while'),
  max_size: z.int().min(1).max(65535).default(32).describe('decisions remembered for each client'),
  ttl: duration({ from: '10ms', to: '30d' }).prefault('1m').describe('how long a decision is remembered'),
});

const flappingSchema = z.strictObject({
  max_count: z
    .int()
    .min(2)
    .max(1000)
    .default(30)
    .describe('disconnections of one client id within window_time after which it is banned'),
  window_time: duration({ from: '1s', to: '7d' }).prefault('1m').describe('the time within which they count'),
  ban_time: duration({ from: '1s', to: '36500d' }).prefault('5m').describe('how long the ban lasts'),
});

/** The section `access` of the configuration: who may come in, and what they may do. */
export const accessConfigSchema = z.strictObject({
  ...clientPolicyShape,
  acl_nomatch: z.enum(['allow', 'deny']).default('allow').describe('what holds where no access rule matches'),
  flapping_detect_policy: flappingSchema
    .prefault({})
    .describe('when a client that comes and goes is banned, where enable_flapping_detect is true'),
  acl_cache: cacheSchema.prefault({}).describe('memory of access decisions, per client'),
  users: usersSchema.default([]).describe('clients that are let in with a password'),
  scram: scramConfigSchema
    .optional()
    .describe('clients that prove in several steps that they know their password (SCRAM), MQTT 5'),
  acl: z
    .array(ruleSchema)
    .optional()
    .describe('access rules, the first that matches decides; neither acl nor acl_file: the built-in rules'),
  acl_file: z
    .string()
    .min(1)
    .optional()
    .describe('more access rules, behind those of acl, in a file in the syntax of acl.conf'),
  psk_file: z
    .string()
    .min(1)
    .optional()
    .describe('pre-shared keys for TLS and DTLS, a line `identity:key` for each'),
});

export type AccessConfig = z.output<typeof accessConfigSchema>;
