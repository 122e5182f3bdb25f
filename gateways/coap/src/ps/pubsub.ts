import { type CoapRequest, failure, keepRequest, type Response } from '@portico/coap-endpoint';
import { ContentFormat, codeName, codeText, Method, ResponseCode } from '@portico/codec-coap';
import type { Clock } from '@portico/core';
import { type Action, asClient } from '../as-client.js';
import { assembled } from '../assembled.js';
import type { CoapHandler } from '../channel.js';
import type { CoapClient } from '../client.js';
import type { ClientRegistry } from '../clients.js';
import type { CoapConfig } from '../config.js';
import { isConditional } from '../preconditions.js';
import type { TopicTransfers } from '../topic-transfers.js';
import { NO_TOPIC, sees } from './access.js';
import { collectionActions } from './collection.js';
import { dataActions } from './data-resource.js';
import { emqxActions } from './emqx-topics.js';
import type { TopicAction } from './topic-action.js';
import { topicActions } from './topic-resource.js';
import type { PsTopics } from './topics.js';

/** Methods that the dialect of EMQX 5 has. */
const EMQX_METHODS: readonly number[] = [Method.GET, Method.POST, Method.PUT];

const UNCONDITIONAL = failure(ResponseCode.BadOption, 'If-Match and If-None-Match are for PUT');

/** What `/ps` needs beside its configuration. */
export interface PubsubServices {
  readonly clients: ClientRegistry;
  readonly transfers: TopicTransfers;
  readonly topics: PsTopics;
  readonly clock: Clock;
}

/**
 * `/ps`: topics that clients create, configure and publish to (draft-ietf-core-coap-pubsub-21), or topics of the hub by
 * their names as in EMQX 5. Which of both a request is about is told by its path: what the one has made, or keeps
 * for itself, is not the other's.
 */
export function pubsubResource(services: PubsubServices, config: CoapConfig): CoapHandler {
  const { clients, transfers, topics } = services;
  const dialects = new Dialects(services, config);
  const act: Action = (client, request, channel) => {
    if (isConditional(request) && request.method !== Method.PUT) return UNCONDITIONAL;
    const kept = keepRequest(request);
    const carryOut = () => dialects.find(client, kept)(client, kept, channel);
    return topics.loading === undefined ? carryOut() : topics.loading.then(carryOut);
  };
  return asClient(clients, assembled(transfers.uploads, act), { named: false });
}

/** Finds what answers a request. */
class Dialects {
  readonly #topics: PsTopics;
  readonly #draft: boolean;
  readonly #emqx: ReadonlyMap<number, Action> | undefined;
  readonly #collection: ReadonlyMap<number, Action>;
  readonly #topic: ReadonlyMap<number, TopicAction>;
  readonly #data: ReadonlyMap<number, TopicAction>;

  constructor({ topics, transfers, clock }: PubsubServices, config: CoapConfig) {
    this.#topics = topics;
    this.#draft = config.ps_dialect !== 'emqx';
    this.#emqx = config.ps_dialect === 'draft' ? undefined : emqxActions(transfers, config);
    this.#collection = collectionActions(topics, transfers, config, clock);
    this.#topic = topicActions(topics, clock);
    this.#data = dataActions(topics, transfers, clock);
  }

  find(client: CoapClient, request: CoapRequest): Action {
    const [, first, id, ...more] = request.path;
    const { method } = request;
    if (first === undefined) return this.#draft ? action(this.#collection, method) : noTopic;
    if (this.#draft && first === 'data' && more.length === 0)
      return this.#about(this.#data, id, client, method);
    if (this.#draft && id === undefined && this.#topics.get(first) !== undefined) {
      return this.#about(this.#topic, first, client, method);
    }
    return this.#emqx === undefined || isOfDraft(request) ? noTopic : action(this.#emqx, method);
  }

  #about(
    actions: ReadonlyMap<number, TopicAction>,
    id: string | undefined,
    client: CoapClient,
    method: number,
  ): Action {
    const topic = id === undefined ? undefined : this.#topics.get(id);
    if (topic === undefined || !sees(client, topic)) return noTopic;
    const found = actions.get(method);
    if (found === undefined) return notAllowed(method);
    return (sender, request, channel) => found(topic, sender, request, channel);
  }
}

/** What no client for EMQX 5 sends: there is no such topic (any more). */
function isOfDraft({ method, contentFormat }: CoapRequest): boolean {
  return !EMQX_METHODS.includes(method) || contentFormat === ContentFormat.PubsubCbor;
}

function noTopic(): Response {
  return NO_TOPIC;
}

function action(actions: ReadonlyMap<number, Action>, method: number): Action {
  return actions.get(method) ?? notAllowed(method);
}

function notAllowed(method: number): () => Response {
  const name = codeName(method) ?? codeText(method);
  return () => failure(ResponseCode.MethodNotAllowed, `no ${name} here`);
}
