import { Command } from '@portico/codec-gbt32960';
import { fillTopic } from '@portico/core';
import type { Gbt32960Config } from './config.js';
import type { Topics, UpstreamTopic } from './origin.js';

/** Who a topic is made for. */
export interface TopicNames {
  /** Without NULs. */
  readonly vin: string;
  readonly clientId: string;
  readonly username: string | undefined;
  /** IP address. */
  readonly host: string;
}

/** Fills in the configured topics; an error, in words for operators, when they cannot be made of the names. */
export function topicsOf(config: Gbt32960Config, names: TopicNames): Topics | { readonly error: string } {
  const values = { v: names.vin, c: names.clientId, u: names.username, a: names.host };
  const up = fillTopic(config.up_topic, values);
  const dn = fillTopic(config.dn_topic, values);
  if ('error' in up) return up;
  if ('error' in dn) return dn;
  return { up: up.topic, dn: dn.topic };
}

const UPSTREAM: ReadonlyMap<number, UpstreamTopic> = new Map<number, UpstreamTopic>([
  [Command.VehicleLogin, 'vlogin'],
  [Command.RealTimeReport, 'info'],
  [Command.Reissue, 'reinfo'],
  [Command.VehicleLogout, 'vlogout'],
  [Command.PlatformLogin, 'plogin'],
  [Command.PlatformLogout, 'plogout'],
]);

/** Where a message of a terminal or platform is published, by its command. */
export function upstreamTopic(command: number): UpstreamTopic {
  return UPSTREAM.get(command) ?? 'transparent';
}
