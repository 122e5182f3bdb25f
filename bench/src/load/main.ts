/** The process that makes the load: takes a {@link Job} as JSON, prints a {@link Measurement} as JSON. */

import { startCoapLoad } from './coap-load.js';
import { startCoapObserveLoad } from './coap-observe-load.js';
import { startCodecLoad } from './codec-load.js';
import { startConnectLoad } from './connect-load.js';
import { startHandshakeLoad } from './dtls-handshake-load.js';
import { measureSessions } from './dtls-idle-load.js';
import { startDurableLoad } from './durable-load.js';
import { startGbt32960Load } from './gbt32960-load.js';
import { measureIdle } from './idle-load.js';
import type { Job, Measurement } from './job.js';
import { startJt808Load } from './jt808-load.js';
import { measureRegistered } from './lwm2m-idle-load.js';
import { startReadLoad } from './lwm2m-read-load.js';
import { startUpdateLoad } from './lwm2m-update-load.js';
import { startMqttLoad } from './mqtt-load.js';
import { measureAsleep } from './mqttsn-asleep-load.js';
import { startMqttSnLoad } from './mqttsn-load.js';
import { startStompLoad } from './stomp-load.js';
import { measure } from './window.js';

async function run(job: Job): Promise<Measurement> {
  const { load, port } = job;
  switch (load.kind) {
    case 'mqtt':
      return measure(await startMqttLoad(load, port), job);
    case 'connect':
      return measure(await startConnectLoad(load, port), job);
    case 'durable':
      return measure(await startDurableLoad(load, port), job);
    case 'coap':
      return measure(await startCoapLoad(load, port), job);
    case 'coap-observe':
      return measure(await startCoapObserveLoad(load, port), job);
    case 'dtls-handshake':
      return measure(await startHandshakeLoad(load, port), job);
    case 'dtls-idle':
      return measureSessions(load, job);
    case 'mqttsn':
      return measure(await startMqttSnLoad(load, port), job);
    case 'stomp':
      return measure(await startStompLoad(load, port), job);
    case 'jt808':
      return measure(await startJt808Load(load, port), job);
    case 'gbt32960':
      return measure(await startGbt32960Load(load, port), job);
    case 'codec':
      return measure(await startCodecLoad(port), job);
    case 'idle':
      return measureIdle(load, job);
    case 'mqttsn-asleep':
      return measureAsleep(load, job);
    case 'lwm2m-update':
      return measure(await startUpdateLoad(load, port), job);
    case 'lwm2m-read':
      return measure(await startReadLoad(load, port), job);
    case 'lwm2m-idle':
      return measureRegistered(load, job);
  }
}

const measurement = await run(JSON.parse(process.argv[2] as string) as Job);
process.stdout.write(`${JSON.stringify(measurement)}\n`, () => process.exit(0));
