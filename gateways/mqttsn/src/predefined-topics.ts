import { TopicIdType } from '@portico/codec-mqtt-sn';

/** How a PUBLISH to a client names its topic. */
export interface TopicTarget {
  readonly topicIdType: TopicIdType;
  readonly id: number;
  readonly topic: string;
  /** Whether the client knows the id, so that it can be sent messages with it. */
  readonly known: boolean;
}

/** Topic ids that gateway and devices both know beforehand, MQTT-SN 1.2 §6.7. */
export class PredefinedTopics {
  readonly #targets: ReadonlyMap<string, TopicTarget>;
  readonly #topics: ReadonlyMap<number, string>;

  /** @param ids by topic, no two alike */
  constructor(ids: Readonly<Record<string, number>>) {
    const entries = Object.entries(ids);
    this.#targets = new Map(entries.map(([topic, id]) => [topic, predefined(id, topic)]));
    this.#topics = new Map(entries.map(([topic, id]) => [id, topic]));
  }

  topicOf(id: number): string | undefined {
    return this.#topics.get(id);
  }

  find(topic: string): TopicTarget | undefined {
    return this.#targets.get(topic);
  }
}

function predefined(id: number, topic: string): TopicTarget {
  return { topicIdType: TopicIdType.predefined, id, topic, known: true };
}
