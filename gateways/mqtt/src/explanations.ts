import type { PublishResult, SubscribeRefusal, UnsubscribeResult } from '@portico/core';
import type { ConnackRefusal, Ending } from './reasons.js';

/** What comes of a packet, of which everything but success may need an explanation. */
type Reason =
  | ConnackRefusal
  | Ending
  | PublishResult
  | SubscribeRefusal
  | UnsubscribeResult
  | 'packet_id_not_found'
  | 'too_many_unreleased';

/**
 * Reason Strings, for people who look for a mistake (MQTT 5 §3.4.2.2.2 and others). Nothing where the reason code
 * says it all.
 */
const EXPLANATIONS: Readonly<Partial<Record<Reason, string>>> = {
  clientid_invalid: 'empty or too long',
  topic_name_invalid: 'ill-formed or of too many levels',
  topic_filter_invalid: 'ill-formed or of too many levels',
  payload_format_invalid: 'not the UTF-8 text that it says to be',
  packet_id_not_found: 'no such message is on its way',
  storage_failed: 'the hub cannot store it at present',
  too_many_unreleased: 'too many messages of the session await their PUBREL',
};

export function explanationOf(reason: Reason): string | undefined {
  return EXPLANATIONS[reason];
}

/** Why the first of several filters was refused, and which one it is, counted from 1; undefined when none was. */
export function firstExplanation(
  results: readonly (SubscribeRefusal | UnsubscribeResult)[],
): string | undefined {
  for (const [i, result] of results.entries()) {
    const explanation = EXPLANATIONS[result];
    if (explanation !== undefined) return `filter ${i + 1}: ${explanation}`;
  }
  return undefined;
}
