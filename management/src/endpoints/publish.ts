import {
  type ClientInfo,
  DEFAULT_CLIENT_POLICY,
  isTaken,
  Message,
  type MessageProperties,
  type QoS,
  topicNameError,
} from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { durable } from '../durable.js';
import { type ApiContext, type Caller, checked, type Endpoint, endpoint } from '../endpoint.js';
import { ApiError } from '../result-codes.js';
import { Slice } from '../turns.js';
import { batch, batchOf } from './batch.js';
import { topicListShape, topicsOf } from './topic-list.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** User Properties of one publication. */
const MOST_USER_PROPERTIES = 1000;

/** MQTT 5 §1.5.4: a string has at most 65,535 bytes, and no U+0000. */
function isMqttText(text: string): boolean {
  return Buffer.byteLength(text) <= 65_535 && !text.includes('\0');
}

const userPropertiesSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .transform((properties) =>
    Object.entries(properties).map(([name, value]) => [name, String(value)] as const),
  )
  .refine((pairs) => pairs.length <= MOST_USER_PROPERTIES, `at most ${MOST_USER_PROPERTIES}`)
  .refine((pairs) => pairs.flat().every(isMqttText), 'at most 65535 bytes each, and no U+0000');

const publicationSchema = z.strictObject({
  ...topicListShape,
  clientid: z.string().describe('the client id that the message is published as'),
  payload: z.string().describe('the payload'),
  encoding: z.enum(['plain', 'base64']).default('plain').describe('how the payload is written'),
  qos: z
    .union([z.literal(0), z.literal(1), z.literal(2)], '0, 1 or 2')
    .default(0)
    .describe('the QoS'),
  retain: z.boolean().default(false).describe('whether the topic keeps it'),
  user_properties: userPropertiesSchema.prefault({}).describe('User Properties of MQTT 5'),
});

type Publication = z.output<typeof publicationSchema>;

/** What it costs in a {@link Slice} to publish to one topic. */
const PUBLISH_COST = 50;

function payloadOf({ payload, encoding }: Publication): Buffer {
  if (encoding === 'plain') return Buffer.from(payload);
  if (!BASE64.test(payload)) throw new ApiError('parameter_invalid', 'payload: is not Base64');
  return Buffer.from(payload, 'base64');
}

function propertiesOf({ user_properties }: Publication): MessageProperties | undefined {
  return user_properties.length === 0 ? undefined : { userProperties: user_properties };
}

/** Who a message is from that an application has published: a client of no gateway, which may do everything. */
function publisher(clientId: string, { application, peer }: Caller, now: number): ClientInfo {
  return {
    clientId,
    username: application,
    protocol: 'HTTP',
    protocolVersion: 1,
    peer,
    localPort: 0,
    gateway: 'management',
    listener: 'management:http',
    zone: undefined,
    policy: DEFAULT_CLIENT_POLICY,
    mountpoint: '',
    isSuperuser: true,
    anonymous: false,
    certificate: undefined,
    keepalive: 0,
    cleanStart: true,
    sessionExpiry: 0,
    connectedAt: now,
  };
}

/** The messages of a publication: one for each of its topics. @throws ApiError when there is something wrong with it */
function messagesOf(publication: Publication, caller: Caller, now: number): readonly Message[] {
  const topics = topicsOf(publication, topicNameError);
  const payload = payloadOf(publication);
  const properties = propertiesOf(publication);
  const from = publisher(publication.clientid, caller, now);
  const { qos, retain } = publication as { readonly qos: QoS; readonly retain: boolean };
  return topics.map(
    (topic) => new Message({ topic, payload, qos, retain, properties, from, timestamp: now, owned: true }),
  );
}

/** Publishes a message to each of its topics. @returns warnings. @throws ApiError (it rejects) as what it calls */
async function publishAll(
  context: ApiContext,
  publication: Publication,
  caller: Caller,
  slice: Slice,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const message of messagesOf(publication, caller, context.hub.engine.clock.now())) {
    await slice.over();
    slice.charge(PUBLISH_COST);
    warnings.push(...(await publish(context, message)));
  }
  return warnings;
}

/**
 * Publishes, and waits until what has to be kept is durable.
 * @returns warnings
 * @throws ApiError (it rejects) when it cannot be kept
 */
async function publish({ hub: { engine } }: ApiContext, message: Message): Promise<readonly string[]> {
  const notRetained = engine.metrics.counters['messages.retained.refused'];
  const before = notRetained.value;
  const kept = engine.needsStore(message);
  if (kept && engine.store.failure !== undefined) {
    engine.dropPublication(message, 'storage_failed');
    throw new ApiError('unavailable', engine.store.failure.message);
  }
  const result = await engine.publish(message);
  if (result === 'storage_failed') throw new ApiError('unavailable', 'the store cannot keep it');
  if (!isTaken(result)) throw new ApiError('unknown', result);
  const isRetained = engine.retained.get(message.topic)?.payload === message.payload;
  if (kept) await durable(engine.store);
  if (!message.retain || isRetained || notRetained.value === before) return [];
  return [`${message.topic}: sent, but not retained: broker.retained has no room for it`];
}

/** Publishing for applications that speak HTTP alone: `mqtt` of the API. The log does not tell each message. */
export const publishEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'POST',
    path: '/mqtt/publish',
    name: 'mqtt_publish',
    descr: 'Publish a message',
    failures: ['topic_invalid'],
    body: publicationSchema,
    audit: false,
    warns: true,
    handle: async (context, { body, caller }) => ({
      warnings: await publishAll(context, body, caller, new Slice(context.turns)),
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/mqtt/publish_batch',
    name: 'mqtt_publish_batch',
    descr: 'Publish several messages, each for itself',
    data: answers.batchResults,
    body: batchOf(publicationSchema),
    audit: false,
    handle: (context, { body, caller }) =>
      batch(context, body, async (item, slice) => {
        const publication = checked(publicationSchema, item);
        const warnings = await publishAll(context, publication, caller, slice);
        return { topic: publication.topic ?? publication.topics, warnings };
      }),
  }),
];
