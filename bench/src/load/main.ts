/** The process that makes the load: takes a {@link Job} as JSON, prints a {@link Measurement} as JSON. */

import { startCoapLoad } from './coap-load.js';
import type { Job } from './job.js';
import { startMqttLoad } from './mqtt-load.js';
import { measure, type RunningLoad } from './window.js';

function start({ load, port }: Job): Promise<RunningLoad> {
  switch (load.kind) {
    case 'mqtt':
      return startMqttLoad(load, port);
    case 'coap':
      return startCoapLoad(load, port);
  }
}

const job = JSON.parse(process.argv[2] as string) as Job;
const measurement = await measure(await start(job), job);
process.stdout.write(`${JSON.stringify(measurement)}\n`, () => process.exit(0));
