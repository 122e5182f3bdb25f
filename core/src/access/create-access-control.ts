import type { Logger } from '../runtime/logger.js';
import type { AccessConfig } from './access-config.js';
import { AccessControl, type AccessControlOptions, type AccessPolicy } from './access-control.js';
import { readAclFile } from './acl-file.js';
import { AclRules, DEFAULT_ACL_RULES } from './acl-rules.js';
import { clientPolicy, DEFAULT_CLIENT_POLICY } from './client-policy.js';
import { createScramAuthenticators } from './scram/scram-authenticator.js';
import { UserList } from './user-list.js';

/**
 * Access control as the configuration wants it: with its policy, users and rules.
 *
 * @throws PorticoError `PORTICO_ERR_ACL_FILE` when the file of rules cannot be read or is wrong
 */
export async function createAccessControl(
  config: AccessConfig,
  options: Omit<AccessControlOptions, 'policy'>,
): Promise<AccessControl> {
  const access = new AccessControl({ ...options, policy: policyOf(config) });
  (await prepareAccess(config, access, options.log))();
  return access;
}

/**
 * Makes ready what a configuration asks of access control: reads its rules, and hashes what has to be.
 *
 * @returns has access control go by it
 * @throws PorticoError `PORTICO_ERR_ACL_FILE` when the file of rules cannot be read or is wrong
 */
export async function prepareAccess(
  config: AccessConfig,
  access: AccessControl,
  log: Logger,
): Promise<() => void> {
  const users = config.users.length === 0 ? undefined : new UserList(config.users);
  const scram = config.scram === undefined ? [] : await createScramAuthenticators(config.scram);
  const rules = await loadRules(config);
  return () => {
    access.setPolicy(policyOf(config));
    access.setUsers(users, scram);
    access.setRules(rules);
    warnOfPlainPasswords(config, log);
  };
}

function policyOf(config: AccessConfig): AccessPolicy {
  const { enable, max_size: maxSize, ttl } = config.acl_cache;
  const { max_count: maxCount, window_time: window, ban_time: banTime } = config.flapping_detect_policy;
  return {
    clients: clientPolicy(config, DEFAULT_CLIENT_POLICY),
    flapping: { maxCount, window, banTime },
    noMatch: config.acl_nomatch,
    cache: enable ? { maxSize, ttl } : undefined,
  };
}

function warnOfPlainPasswords({ users, scram }: AccessConfig, log: Logger): void {
  const counts = {
    'access.users': users.filter(({ password }) => password?.scheme.kind === 'plain').length,
    'access.scram.users': scram?.users.filter(({ secret }) => secret.kind === 'plain').length ?? 0,
  };
  for (const [key, count] of Object.entries(counts)) {
    if (count > 0) log.warn({ users: count }, `${key} has passwords in plain text; use password_hash`);
  }
}

/**
 * The rules that the configuration names: those of `acl`, then those of `acl_file`, read anew; the built-in
 * ones when it has neither. For {@link AccessControl.setRules}, to reload them.
 *
 * @throws PorticoError `PORTICO_ERR_ACL_FILE`
 */
export async function loadRules(config: Pick<AccessConfig, 'acl' | 'acl_file'>): Promise<AclRules> {
  if (config.acl === undefined && config.acl_file === undefined) return new AclRules(DEFAULT_ACL_RULES);
  const fromFile = config.acl_file === undefined ? [] : await readAclFile(config.acl_file);
  return new AclRules([...(config.acl ?? []), ...fromFile]);
}
