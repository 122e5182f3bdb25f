/** Aliases that a connection has unless the configuration says otherwise: so many can stand for any topics. */
export const DEFAULT_MAX_TOPIC_ALIAS = 32;

/** Bytes of the longest topic, MQTT 5 §1.5.4; it has no more characters. */
const LONGEST_TOPIC = 65535;

/** Characters of all topics that one side's aliases of a connection may stand for: bounds their memory. */
const MAX_CHARACTERS = DEFAULT_MAX_TOPIC_ALIAS * LONGEST_TOPIC;

/** Topics not longer than this are as short as the property of an alias. */
const NOT_WORTH_AN_ALIAS = 3;

/** What a PUBLISH with a topic alias means: its topic, or why it cannot be told. */
export type ResolvedAlias =
  | { readonly topic: string }
  | { readonly error: 'topic_alias_invalid' | 'protocol_error' | 'quota_exceeded' };

/** The topic aliases that a client uses, MQTT 5 §3.3.2.3.4. They belong to the connection. */
export class InboundAliases {
  readonly #maximum: number;
  readonly #topics = new Map<number, string>();
  #characters = 0;

  /** @param maximum the Topic Alias Maximum told to the client */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** @param topic empty when the alias stands for it; otherwise the alias stands for it from now on */
  resolve(alias: number, topic: string): ResolvedAlias {
    if (alias > this.#maximum) return { error: 'topic_alias_invalid' };
    const known = this.#topics.get(alias);
    if (topic === '') return known === undefined ? { error: 'protocol_error' } : { topic: known };
    this.#characters += topic.length - (known?.length ?? 0);
    if (this.#characters > MAX_CHARACTERS) return { error: 'quota_exceeded' };
    this.#topics.set(alias, topic);
    return { topic };
  }
}

/**
 * The topic aliases that the gateway uses towards a client: the first topics sent get one each and keep it,
 * until the client's Topic Alias Maximum is reached; later topics are always sent in full. A device mostly
 * gets messages on a few topics; giving aliases to others in turn would cost more than it saves.
 */
export class OutboundAliases {
  readonly #maximum: number;
  readonly #aliases = new Map<string, number>();
  #characters = 0;

  /** @param maximum the client's Topic Alias Maximum */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** The alias that the client knows for `topic`. */
  get(topic: string): number | undefined {
    return this.#aliases.get(topic);
  }

  /** Gives `topic` an alias, to be sent together with it; undefined when there is none for it. */
  assign(topic: string): number | undefined {
    if (topic.length <= NOT_WORTH_AN_ALIAS || this.#aliases.size >= this.#maximum) return undefined;
    if (this.#characters + topic.length > MAX_CHARACTERS) return undefined;
    this.#characters += topic.length;
    const alias = this.#aliases.size + 1;
    this.#aliases.set(topic, alias);
    return alias;
  }

  /** The message with the alias assigned last was not sent. */
  takeBack(topic: string): void {
    this.#characters -= topic.length;
    this.#aliases.delete(topic);
  }
}
