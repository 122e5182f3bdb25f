import { type ClientInfo, type FilledTopic, fillTopic } from '@portico/core';
import type { Jt808Config } from './config.js';

/** The two topics of one terminal, without mountpoint. */
export interface TerminalTopics {
  readonly up: string;
  readonly dn: string;
}

/** What {@link topicsOf} is told of a terminal. */
export interface TerminalNames {
  readonly phone: string;
  /** Manufacturer and terminal id; undefined for one that has not registered. */
  readonly device: string | undefined;
}

/** The gateway's own placeholders. */
export function placeholdersOf({ phone, device }: TerminalNames): Record<string, string> {
  return device === undefined ? { p: phone } : { p: phone, i: device };
}

/** Fills in the configured topics; undefined when they cannot be made of the terminal's names. */
export function topicsOf(
  config: Jt808Config,
  { clientId, username, peer }: Pick<ClientInfo, 'clientId' | 'username' | 'peer'>,
  names: TerminalNames,
): TerminalTopics | undefined {
  const values = { c: clientId, u: username, a: peer.host, ...placeholdersOf(names) };
  const [up, dn] = [config.up_topic, config.dn_topic].map((topic) => fillTopic(topic, values)) as [
    FilledTopic,
    FilledTopic,
  ];
  return 'topic' in up && 'topic' in dn ? { up: up.topic, dn: dn.topic } : undefined;
}
