import { alarmConfigSchema } from '../alarms/alarm-config.js';
import { Alarms } from '../alarms/alarms.js';
import type { SessionOptions } from '../engine/types.js';
import { TestHub, type TestHubOptions } from '../testing/index.js';
import { SysPublisher } from './sys-publisher.js';
import { SysTopics } from './sys-topics.js';

export const NODE = 'n1@127.0.0.1';

/**
 * A hub that tells of itself, on a clock that stands still.
 * @param alarm keys of the `alarm` section of the configuration
 */
export function tellingHub(options: TestHubOptions = {}, alarm: Record<string, unknown> = {}) {
  const hub = new TestHub(options);
  const { engine, metrics } = hub;
  const publisher = new SysPublisher(engine, NODE);
  const topics = new SysTopics({ engine, metrics, publisher, node: NODE, version: '1.2.3' });
  const config = alarmConfigSchema.parse(alarm);
  const alarms = new Alarms({ config, publisher, clock: hub.clock, log: engine.log });
  return { hub, publisher, topics, alarms };
}

/** A client that listens below `$SYS/brokers/<node>/`; `takes` gives what came, without that prefix. */
export function listener(hub: TestHub, filter: string, options: Partial<SessionOptions> = {}) {
  const client = hub.client('listener', { options });
  client.subscribe(`$SYS/brokers/${NODE}/${filter}`);
  const takes = () => client.take().map((line) => line.slice(`$SYS/brokers/${NODE}/`.length));
  return { client, takes };
}
