import type { Socket } from 'node:dgram';
import type { MqttSnLoad } from './job.js';
import { askSn, bytesOf, connectSn } from './mqttsn-client.js';
import { openSocket, runPeers, UdpPeer } from './udp-peer.js';
import type { RunningLoad } from './window.js';

/** Of the MsgId in a PUBLISH whose Length has one octet, and in a PUBACK, MQTT-SN 1.2 §5.4.12 and §5.4.13. */
const PUBLISH_MSG_ID_AT = 5;
const PUBACK_MSG_ID_AT = 4;
const PUBACK = 0x0d;

/** A load whose clients connect, register a topic, then PUBLISH with QoS 1, wait for PUBACK, and publish again. */
export async function startMqttSnLoad(load: MqttSnLoad, port: number): Promise<RunningLoad> {
  const data = Buffer.alloc(load.payloadBytes, 'x');
  const open = async (index: number) => {
    const socket = await openSocket(port);
    const topicId = await logIn(socket, index);
    const publish = { type: 'publish', dup: false, qos: 1, retain: false, topicIdType: 0, msgId: 0 } as const;
    const request = bytesOf({ ...publish, topicId, data });
    return new UdpPeer(socket, { next: () => request, messageIdAt: PUBLISH_MSG_ID_AT, messageIdOf });
  };
  return runPeers(await Promise.all(Array.from({ length: load.clients }, (_, index) => open(index))));
}

/** @returns the id of the client's topic */
async function logIn(socket: Socket, index: number): Promise<number> {
  await connectSn(socket, `client-${index}`);
  const answer = await askSn(socket, { type: 'register', topicId: 0, msgId: 1, topicName: `bench/${index}` });
  if (answer.type !== 'regack' || answer.returnCode !== 0)
    throw new Error(`the peer answered ${answer.type}`);
  return answer.topicId;
}

function messageIdOf(answer: Buffer): number {
  if (answer[1] !== PUBACK || answer.at(-1) !== 0)
    throw new Error(`the peer answered ${answer.toString('hex')}`);
  return answer.readUInt16BE(PUBACK_MSG_ID_AT);
}
