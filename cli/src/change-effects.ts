import { type ChangeEffect, formatPath, gatewayEffect } from '@portico/core';
import { GATEWAYS } from './gateways.js';

/**
 * When changes outside `gateways` hold, by key or section; the key that is nearest counts. What is not here holds at once.
 */
const EFFECTS: Readonly<Record<string, ChangeEffect>> = {
  node: 'restart',
  store: 'restart',
  'access.allow_anonymous': 'new connections',
  'access.enable_acl': 'new connections',
  'access.acl_deny_action': 'new connections',
  'access.enable_ban': 'new connections',
  'access.enable_flapping_detect': 'new connections',
  'access.users': 'new connections',
  'access.scram': 'new connections',
  'access.psk_file': 'new connections',
  'management.enable': 'restart',
  'management.bind': 'restart',
  'management.tls': 'restart',
  'management.default_application': 'restart',
  'management.max_connections': 'new connections',
};

/** When a change of a key holds in a hub that runs. @param path of a key or a section */
export function changeEffect(path: readonly string[]): ChangeEffect {
  const [section, name, ...below] = path;
  if (section !== 'gateways') return effectIn(path);
  const gateway = GATEWAYS.find((definition) => definition.name === name);
  return gateway === undefined ? 'at once' : gatewayEffect(gateway, below);
}

function effectIn(path: readonly string[]): ChangeEffect {
  for (let depth = path.length; depth > 0; depth--) {
    const effect = EFFECTS[formatPath(path.slice(0, depth))];
    if (effect !== undefined) return effect;
  }
  return 'at once';
}
