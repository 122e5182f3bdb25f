/** The versions of STOMP, the best one last. */
export const VERSIONS = ['1.0', '1.1', '1.2'] as const;

export type StompVersion = (typeof VERSIONS)[number];

/**
 * The version that client and server speak: the best one that both know (STOMP 1.2, “Protocol Negotiation”).
 * @param accepted the header `accept-version` of CONNECT: `1.1,1.2`; without it the client knows 1.0 only
 * @returns undefined when there is none in common
 */
export function negotiate(accepted: string | undefined): StompVersion | undefined {
  if (accepted === undefined) return '1.0';
  const known = accepted.split(',').map((version) => version.trim());
  return VERSIONS.findLast((version) => known.includes(version));
}
