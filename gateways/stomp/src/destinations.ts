/** Destinations of STOMP are topics, or have prefixes as other brokers know them. */
export interface Destinations {
  /** The topic that a SEND publishes to. */
  topicOf(destination: string): string;
  /** The filter that a SUBSCRIBE asks for. */
  filterOf(destination: string): string;
  /** The destination of a MESSAGE. @param filter that it matched */
  destinationOf(topic: string, filter: string): string;
}

/** Destinations are topics as they are, wildcards of MQTT in subscriptions. */
export const PLAIN: Destinations = {
  topicOf: (destination) => destination,
  filterOf: (destination) => destination,
  destinationOf: (topic) => topic,
};

const TOPIC = '/topic/';
const QUEUE = '/queue/';
const SHARED = '$queue/';

/** `/topic/a` is the topic `a`; of all who subscribe to `/queue/a` one gets each message published to `a`. */
export const PREFIXED: Destinations = {
  topicOf: withoutPrefix,
  filterOf: (destination) =>
    destination.startsWith(QUEUE) ? SHARED + destination.slice(QUEUE.length) : withoutPrefix(destination),
  destinationOf: (topic, filter) => (filter.startsWith(SHARED) ? QUEUE : TOPIC) + topic,
};

function withoutPrefix(destination: string): string {
  if (destination.startsWith(TOPIC)) return destination.slice(TOPIC.length);
  return destination.startsWith(QUEUE) ? destination.slice(QUEUE.length) : destination;
}
