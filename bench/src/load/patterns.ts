import type { MqttLoad } from './job.js';

/** Who publishes to what and who is subscribed to it. */
export interface Layout {
  /** For each subscriber its topic filters. */
  readonly filters: readonly (readonly string[])[];
  /** For each publisher the topics that it publishes to in turn. */
  readonly topics: readonly (readonly string[])[];
  /** Deliveries that each publication makes. */
  readonly fanOut: number;
}

export function layoutOf({ pattern, publishers, subscribers }: MqttLoad): Layout {
  return pattern.name === 'spread'
    ? spread(publishers, subscribers, pattern.topics)
    : wildcards(publishers, subscribers);
}

function spread(publishers: number, subscribers: number, topics: number): Layout {
  const topicsOf = (_: unknown, index: number) => [`bench/topic/${index % topics}`];
  return {
    filters: Array.from({ length: subscribers }, topicsOf),
    topics: Array.from({ length: publishers }, topicsOf),
    fanOut: subscribers / topics,
  };
}

/** Names on each level of the topics of {@link wildcards}. */
const NAMES = 10;

/** The shapes of the filters: where 1,000 topics of four digits are published, each covers each of them once. */
const SHAPES: readonly ((...digits: readonly string[]) => string)[] = [
  (site, line, cell, sensor) => `plant/${site}/${line}/${cell}/${sensor}`,
  (_, line, cell, sensor) => `plant/+/${line}/${cell}/${sensor}`,
  (site, _, cell, sensor) => `plant/${site}/+/${cell}/${sensor}`,
  (site, line, cell) => `plant/${site}/${line}/${cell}/#`,
  (site, line, cell, sensor) => `+/${site}/${line}/${cell}/${sensor}`,
];

/** The 1,000 topics: the last digit follows from the others. */
function plantTopics<T>(make: (...digits: string[]) => T): T[] {
  return Array.from({ length: NAMES ** 3 }, (_, index) => {
    const digits = [...String(index).padStart(3, '0')].map(Number);
    const sensor = digits.reduce((sum, digit) => sum + digit, 0) % NAMES;
    return make(...[...digits, sensor].map(String));
  });
}

/** Every filter of every shape is held by two subscribers; no subscriber has two that match the same topic. */
function wildcards(publishers: number, subscribers: number): Layout {
  const all = SHAPES.flatMap((shape) => {
    const filters = plantTopics(shape);
    return [...filters, ...filters];
  });
  const share = all.length / subscribers;
  const topics = plantTopics(SHAPES[0] as (...digits: string[]) => string);
  return {
    filters: Array.from({ length: subscribers }, (_, index) => all.slice(index * share, (index + 1) * share)),
    topics: Array.from({ length: publishers }, (_, index) =>
      topics.filter((_, at) => at % publishers === index),
    ),
    fanOut: SHAPES.length * 2,
  };
}
