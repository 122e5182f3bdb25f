import { z } from 'zod';

/** How the hub treats clients: all of them, those of one gateway, or those of one of its zones. */
export interface ClientPolicy {
  /** Whether clients that no source knows are let in; undefined: on listeners bound to loopback only. */
  readonly allowAnonymous: boolean | undefined;
  /** Whether nobody asks them who they are: all are treated as clients that no source knows. */
  readonly bypassAuthentication: boolean;
  /** Whether access control is asked what they may do. */
  readonly checkAcl: boolean;
  /** What becomes of a client that was denied a publish or subscribe. */
  readonly denyAction: 'ignore' | 'disconnect';
  /** Whether bans keep them out. */
  readonly checkBans: boolean;
  /** Whether those that come and go all the time are banned. */
  readonly detectFlapping: boolean;
}

/** The way that a client came in by: its listener, as far as the hub is concerned. */
export interface Entrance {
  /** Name of the zone, undefined for none. */
  readonly zone: string | undefined;
  readonly policy: ClientPolicy;
  /** Whether the listener is bound to a loopback address, so that only this machine can reach it. */
  readonly loopback: boolean;
}

const denyAction = () => z.enum(['ignore', 'disconnect']);

/** The keys of `access` that a gateway or a zone may have its own of. */
export const clientPolicyShape = {
  allow_anonymous: z
    .boolean()
    .optional()
    .describe('let in clients that no source knows; when not given, on listeners bound to loopback only'),
  enable_acl: z.boolean().default(true).describe('ask access control what clients may do'),
  acl_deny_action: denyAction()
    .default('ignore')
    .describe('what becomes of a client that does what it may not: nothing, or it is disconnected'),
  enable_ban: z.boolean().default(true).describe('keep banned clients out'),
  enable_flapping_detect: z
    .boolean()
    .default(false)
    .describe('ban clients that disconnect too often, as flapping_detect_policy says'),
};

/** The keys of a gateway or a zone about the treatment of its clients. */
export const ownPolicyShape = {
  allow_anonymous: z.boolean().optional().describe('in place of access.allow_anonymous'),
  enable_acl: z.boolean().optional().describe('in place of access.enable_acl'),
  acl_deny_action: denyAction().optional().describe('in place of access.acl_deny_action'),
  enable_ban: z.boolean().optional().describe('in place of access.enable_ban'),
  enable_flapping_detect: z.boolean().optional().describe('in place of access.enable_flapping_detect'),
  bypass_auth_plugins: z
    .boolean()
    .optional()
    .describe('ask nobody who a client is: all are anonymous, whatever they show; false if not given'),
};

/** The settings that a {@link ClientPolicy} is made of, at either place. */
export type PolicySettings = {
  readonly [Key in keyof typeof ownPolicyShape]?: z.output<(typeof ownPolicyShape)[Key]>;
};

/** What holds where a gateway says nothing. */
export const DEFAULT_CLIENT_POLICY: ClientPolicy = {
  allowAnonymous: undefined,
  bypassAuthentication: false,
  checkAcl: true,
  denyAction: 'ignore',
  checkBans: true,
  detectFlapping: false,
};

/** @param base what holds for the keys that are not given */
export function clientPolicy(settings: PolicySettings, base: ClientPolicy): ClientPolicy {
  return {
    allowAnonymous: settings.allow_anonymous ?? base.allowAnonymous,
    bypassAuthentication: settings.bypass_auth_plugins ?? base.bypassAuthentication,
    checkAcl: settings.enable_acl ?? base.checkAcl,
    denyAction: settings.acl_deny_action ?? base.denyAction,
    checkBans: settings.enable_ban ?? base.checkBans,
    detectFlapping: settings.enable_flapping_detect ?? base.detectFlapping,
  };
}
