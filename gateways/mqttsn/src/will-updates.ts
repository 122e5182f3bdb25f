import { ReturnCode, type WillMsgMessage, type WillTopicMessage } from '@portico/codec-mqtt-sn';
import type { AttachedSession, Will } from '@portico/core';
import type { SnClient } from './client.js';
import { willOf } from './entrance.js';
import { returnCodeOf } from './return-codes.js';

const NO_MESSAGE = Buffer.alloc(0);

/** WILLTOPICUPD, MQTT-SN 1.2 §6.4: another topic for the will, or none and with it no will. */
export function onWillTopicUpd(client: SnClient, session: AttachedSession, message: WillTopicMessage): void {
  const { address } = client;
  if (message.willTopic === '') {
    session.clearWill();
    keep(client, undefined);
    address.sendAck({ type: 'willtopicresp', returnCode: ReturnCode.accepted });
    return;
  }
  const will = willOf(message, client.will?.payload ?? NO_MESSAGE);
  address.sendAck({ type: 'willtopicresp', returnCode: change(client, session, will) });
}

/** WILLMSGUPD, MQTT-SN 1.2 §6.4: another message for the will that there is. */
export function onWillMsgUpd(client: SnClient, session: AttachedSession, { willMsg }: WillMsgMessage): void {
  const will = client.will && { ...client.will, payload: Buffer.from(willMsg) };
  client.address.sendAck({ type: 'willmsgresp', returnCode: change(client, session, will) });
}

/** @returns a return code */
function change(client: SnClient, session: AttachedSession, will: Will | undefined): number {
  if (will === undefined) return ReturnCode.notSupported;
  const refusal = session.setWill({ ...will, delay: client.willDelay });
  if (refusal !== undefined) return returnCodeOf(refusal);
  keep(client, will);
  return ReturnCode.accepted;
}

function keep(client: SnClient, will: Will | undefined): void {
  client.will = will;
  client.remember();
}
