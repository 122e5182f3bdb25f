import { z } from 'zod';
import { HEARTBEAT_OPTION, ROUTE_OPTION } from '../options.js';
import { defineSimulator } from '../simulator.js';
import { Client } from './client.js';

/** Text that may stand in a topic name and in a client id. */
const name = z.string().regex(/^[^+#\p{Cc}]{1,100}$/u, 'at most 100 characters without + and # are needed');

/** Clients of MQTT that move along a route and publish where they are. */
export const mqttSimulator = defineSimulator({
  name: 'mqtt',
  description: 'clients of MQTT 3.1.1 that move along a route',
  port: 1883,
  options: {
    clientPrefix: {
      value: 'text',
      description: 'client ids are this and a number from 1 on',
      default: 'simulated-',
      schema: name,
    },
    topic: {
      value: 'text',
      description: 'they publish on this topic, a slash and their client id',
      default: 'simulated',
      schema: name,
    },
    username: { value: 'name', description: 'user name of all', schema: z.string().optional() },
    password: { value: 'text', description: 'password of all', schema: z.string().optional() },
    heartbeat: HEARTBEAT_OPTION,
    route: ROUTE_OPTION,
  },
  device({ clientPrefix, topic, ...options }) {
    return (services) => {
      const clientId = `${clientPrefix}${services.index + 1}`;
      return new Client({ ...options, clientId, topic: `${topic}/${clientId}` }, services);
    };
  },
});
