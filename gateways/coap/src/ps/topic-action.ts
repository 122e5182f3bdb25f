import type { CoapRequest, Response } from '@portico/coap-endpoint';
import type { MaybePromise } from '@portico/core';
import type { CoapChannel } from '../channel.js';
import type { CoapClient } from '../client.js';
import type { PsTopic } from './topic.js';

/** Carries out a request for a topic, or for its data. The request is the action's to keep. */
export type TopicAction = (
  topic: PsTopic,
  client: CoapClient,
  request: CoapRequest,
  channel: CoapChannel,
) => MaybePromise<Response>;
