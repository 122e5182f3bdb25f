import { IpRange, ipRangeError } from '../access/ip-range.js';

/** One rule; without a range it is about everybody. */
interface AccessRule {
  readonly allow: boolean;
  readonly range: IpRange | undefined;
}

const RULE = /^(allow|deny)\s+(\S+)$/;

/** What is wrong with a rule such as `allow 192.168.0.0/24`; undefined when nothing is. */
export function accessRuleError(text: string): string | undefined {
  return parseRule(text) === undefined
    ? `"${text}" is not a rule such as "allow all", "deny 192.168.0.1" or "allow 2001:db8::/32"`
    : undefined;
}

function parseRule(text: string): AccessRule | undefined {
  const [, verb, who] = RULE.exec(text.trim()) ?? [];
  if (verb === undefined || who === undefined) return undefined;
  const allow = verb === 'allow';
  if (who === 'all') return { allow, range: undefined };
  return ipRangeError(who) === undefined ? { allow, range: new IpRange(who) } : undefined;
}

/** Which addresses may connect: the first rule that fits decides, and an address that none fits may. */
export class AccessRules {
  readonly #rules: readonly AccessRule[];

  /** @throws TypeError for rules that {@link accessRuleError} finds wrong */
  constructor(texts: readonly string[]) {
    this.#rules = texts.map((text) => {
      const rule = parseRule(text);
      if (rule === undefined) throw new TypeError(accessRuleError(text));
      return rule;
    });
  }

  /** @param address IPv4 or IPv6 text */
  allows(address: string): boolean {
    const rule = this.#rules.find(({ range }) => range === undefined || range.contains(address));
    return rule === undefined || rule.allow;
  }
}
