import type { QoS } from './message.js';
import type { MessageCounts } from './traffic.js';

/** Counts messages by their QoS. */
export class MessageTally implements MessageCounts {
  total = 0;
  qos1 = 0;
  qos2 = 0;

  count(qos: QoS): void {
    this.total++;
    if (qos === 1) this.qos1++;
    else if (qos === 2) this.qos2++;
  }
}
