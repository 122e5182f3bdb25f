import { type ClientInfo, type Engine, type Message, topicMatches, type WireTap } from '@portico/core';
import type { TraceSpec } from './trace.js';

type Tell = (line: object) => void;

/**
 * Begins to tell what a trace is of: of a client or an address all frames, of a topic who publishes, subscribes and
 * unsubscribes.
 * @returns ends it; undefined when too many watch frames already
 */
export function openSource(
  { type, condition }: TraceSpec,
  wire: WireTap,
  engine: Engine,
  tell: Tell,
): (() => void) | undefined {
  if (type === 'topic') return traceTopic(condition, engine, tell);
  return wire.watch(type === 'clientid' ? { clientId: condition } : { host: condition }, tell);
}

/** Bytes of a payload that are told. */
const MAX_PAYLOAD = 1024;

function traceTopic(filter: string, engine: Engine, tell: Tell): () => void {
  const { hooks, clock } = engine;
  const noteFilter = (action: string) => (_: undefined, client: ClientInfo, asked: string) => {
    if (asked === filter || topicMatches(asked, filter))
      tell({ ...who(client), time: clock.now(), action, filter: asked });
  };
  const ends = [
    hooks.messagePublish.add('trace', ({ message }) => {
      if (topicMatches(message.topic, filter)) tell({ ...published(message), time: clock.now() });
    }),
    hooks.sessionSubscribed.add('trace', noteFilter('subscribe')),
    hooks.sessionUnsubscribed.add('trace', noteFilter('unsubscribe')),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function who({ clientId, username, peer }: ClientInfo) {
  return { clientid: clientId, username, peer: peer.host };
}

function published(message: Message) {
  const { from, topic, qos, retain, payload } = message;
  return {
    ...(from !== undefined && who(from)),
    action: 'publish',
    topic,
    qos,
    retain,
    size: payload.length,
    payload: payload.toString('base64', 0, MAX_PAYLOAD),
  };
}
