import { each, type Table } from '../sequence.js';
import { connects, gets, getsNothing, isEnded, sends } from '../steps.js';
import { ack, frame, publish, subscribe, text, u16 } from '../wire/write.js';

/** MQTT 5 §3.3, MQTT 3.1.1 §3.3. */
export const publishTable: Table = {
  title: 'PUBLISH',
  sequences: [
    ...each('QoS 3', { 4: ['MQTT-3.3.1-4'], 5: ['MQTT-3.3.1-4'] }, (version) => [
      connects(),
      sends(publish({ version, qos: 3 })),
      isEnded(0x81),
    ]),
    ...each(
      'QoS 1 is acknowledged with its packet identifier',
      { 4: ['MQTT-3.3.4-1'], 5: ['MQTT-3.3.4-1'] },
      (version) => [
        connects(),
        sends(publish({ version, qos: 1, packetId: 77 })),
        gets({ type: 'puback', packetId: 77 }),
      ],
    ),
    ...each(
      'QoS 2 goes through its four packets',
      { 4: ['MQTT-3.3.4-1'], 5: ['MQTT-3.3.4-1'] },
      (version) => [
        connects(),
        sends(subscribe({ version, filters: [['t', 0]] })),
        gets({ type: 'suback' }),
        sends(publish({ version, qos: 2, packetId: 5 })),
        gets({ type: 'publish', topic: 't', payload: 'x', qos: 0 }),
        gets({ type: 'pubrec', packetId: 5 }),
        sends(ack('pubrel', { version, packetId: 5 })),
        gets({ type: 'pubcomp', packetId: 5 }),
        getsNothing(),
      ],
    ),
    ...each('a topic that ends behind the packet', { 4: [], 5: [] }, () => [
      connects(),
      sends(frame(0x30, u16(9), 'aa')),
      isEnded(0x81),
    ]),
    ...each('a topic with U+0000', { 4: ['MQTT-1.5.3-2'], 5: ['MQTT-1.5.4-2'] }, (version) => [
      connects(),
      sends(publish({ version, topic: text('a\0').subarray(2) })),
      isEnded(0x81),
    ]),
  ],
};
