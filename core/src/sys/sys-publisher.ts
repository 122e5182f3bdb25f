import type { Engine } from '../engine/engine.js';
import { Message } from '../engine/message.js';
import { isPromise } from '../runtime/maybe-promise.js';

/** Above the topics of the nodes; itself the topic of the list of nodes. */
const SYS_ROOT = '$SYS/brokers';

/**
 * Publishes what the hub says of itself. Such a message has no publisher, is allowed everywhere and not counted
 * as received, published or dropped. What nobody would get is not even built.
 */
export class SysPublisher {
  readonly #engine: Engine;
  readonly #prefix: string;

  /** @param node the node's name: a level of all its topics */
  constructor(engine: Engine, node: string) {
    this.#engine = engine;
    this.#prefix = `${SYS_ROOT}/${node}/`;
  }

  /**
   * Publishes below the node's level, with QoS 0.
   * @param payload called only if somebody is subscribed, or a hook sees all messages
   */
  publish(path: string, payload: () => string): void {
    const topic = this.#prefix + path;
    const { index, hooks } = this.#engine;
    if (hooks.messagePublish.empty && !index.matches(topic)) return;
    this.#send(topic, payload(), false);
  }

  /** Publishes below the node's level, retained. */
  retain(path: string, payload: string): void {
    this.#send(this.#prefix + path, payload, true);
  }

  /** Publishes the list of nodes, retained. */
  retainNodes(nodes: readonly string[]): void {
    this.#send(SYS_ROOT, nodes.join(','), true);
  }

  #send(topic: string, payload: string, retain: boolean): void {
    const { clock, log } = this.#engine;
    const bytes = Buffer.from(payload);
    const message = new Message({ topic, payload: bytes, retain, timestamp: clock.now(), owned: true });
    const result = this.#engine.publish(message);
    if (!isPromise(result)) return;
    result.catch((error: unknown) => log.error({ err: error, topic }, '$SYS message not published'));
  }
}
