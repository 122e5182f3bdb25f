import {
  CHANGED,
  CONTENT,
  type CoapRequest,
  failure,
  type Response,
  refusedLogin,
} from '@portico/coap-endpoint';
import { ContentFormat, OptionNumber, ResponseCode, uintOption } from '@portico/codec-coap';
import { encodePayload } from '@portico/codec-lwm2m';
import {
  type AttachedSession,
  type ConnectionInfo,
  type ConnectResult,
  formatAddress,
  isPromise,
  type Logger,
  type MaybePromise,
} from '@portico/core';
import { isFrameError } from '@portico/frame';
import type { Lwm2mChannel } from '../channel.js';
import { Parameters } from '../parameters.js';
import type { BootstrapClients } from './bootstrap-client.js';
import type { BootstrapMetrics } from './bootstrap-counters.js';
import { type BootstrapStep, bootstrapFormat, bootstrapSteps, DISCOVER } from './bootstrap-requests.js';
import { type BootstrapFailure, BootstrapRun } from './bootstrap-run.js';
import { type BootstrapInstance, TemplateError, type Templates } from './templates.js';

const NO_ENDPOINT = failure(ResponseCode.BadRequest, 'ep is missing');
const UNKNOWN = failure(ResponseCode.BadRequest, 'there is no template for this endpoint name');
const NOT_YOURS = failure(ResponseCode.Forbidden, 'the endpoint name is not the identity of the key');
const FULL = failure(ResponseCode.ServiceUnavailable, 'too many bootstraps are under way');
const BROKEN = { ...failure(ResponseCode.InternalServerError, 'the template is wrong'), logged: true };
const NO_SUCH_FORMAT = failure(ResponseCode.NotAcceptable, 'SenML CBOR or SenML JSON');

/** Formats of a bootstrap pack, LwM2M 1.2 Core §6.1.5; the first where the device names none. */
const PACK_FORMATS: readonly number[] = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson];

/** What bootstraps are made with. */
export interface BootstrapServices {
  readonly templates: Templates;
  readonly clients: BootstrapClients;
  readonly metrics: BootstrapMetrics;
  readonly log: Logger;
  readonly settings: {
    readonly max_bootstraps: number;
    readonly identity_is_endpoint: boolean;
    readonly discover: boolean;
  };
}

/** Who asks, and what it is to be written. */
interface Applicant {
  readonly endpoint: string;
  readonly instances: readonly BootstrapInstance[];
}

interface Running {
  readonly run: BootstrapRun;
  readonly session: AttachedSession;
}

/** The bootstrap interface, LwM2M 1.2 Core §6.1: what devices may ask for, and what they are written then. */
export class BootstrapServer {
  readonly #services: BootstrapServices;
  /** Those under way, by the peer that asked. */
  readonly #running = new Map<Lwm2mChannel, Running>();
  #entering = 0;

  constructor(services: BootstrapServices) {
    this.#services = services;
  }

  /** Bootstrap-Request, §6.1.7.1: answered at once; then the device is written what it is to have. */
  request(request: CoapRequest, channel: Lwm2mChannel): MaybePromise<Response> {
    const applicant = this.#applicant(request, channel.info);
    if ('code' in applicant) return this.#refuse(applicant);
    const steps = this.#guarded(applicant.endpoint, () =>
      bootstrapSteps(applicant.instances, bootstrapFormat(new Parameters(request.queries).text('pct'))),
    );
    if ('code' in steps) return this.#refuse(steps);
    const isFull = this.#running.size + this.#entering >= this.#services.settings.max_bootstraps;
    if (isFull && !this.#running.has(channel)) return this.#refuse(FULL);
    return this.#asClient(applicant, channel.info, (session) => {
      this.#begin(applicant.endpoint, steps, session, channel);
      return CHANGED;
    });
  }

  /** Bootstrap-Pack-Request, §6.1.7.7: all of it in one answer. */
  pack(request: CoapRequest, channel: Lwm2mChannel): MaybePromise<Response> {
    const { accept = ContentFormat.SenmlCbor } = request;
    if (!PACK_FORMATS.includes(accept)) return this.#refuse(NO_SUCH_FORMAT);
    const applicant = this.#applicant(request, channel.info);
    if ('code' in applicant) return this.#refuse(applicant);
    const nodes = applicant.instances.flatMap((instance) => instance.nodes);
    const payload = this.#guarded(applicant.endpoint, () => encodePayload(accept, [], nodes));
    if ('code' in payload) return this.#refuse(payload);
    return this.#asClient(applicant, channel.info, (session) => {
      this.#services.metrics.counters['packs.sent'].value++;
      this.#tell(session, applicant.endpoint, 'pack');
      session.close('normal');
      return { ...CONTENT, options: [uintOption(OptionNumber.ContentFormat, accept)], payload };
    });
  }

  /** The connection of a peer is gone, also before it could be sent anything. */
  closed(channel: Lwm2mChannel): void {
    this.#running.get(channel)?.run.failed('closed');
  }

  /** The gateway stops. */
  stop(): void {
    for (const { run, session } of this.#running.values()) {
      run.cancel();
      session.close('server_shutdown');
    }
    this.#running.clear();
  }

  /** Who a request is from, and what it is to be written; or why it is refused. */
  #applicant({ queries }: CoapRequest, info: ConnectionInfo): Applicant | Response {
    const endpoint = info.proven?.clientId ?? new Parameters(queries).text('ep');
    if (endpoint === undefined) return NO_ENDPOINT;
    const { pskIdentity = endpoint } = info;
    if (this.#services.settings.identity_is_endpoint && pskIdentity !== endpoint) return NOT_YOURS;
    const instances = this.#guarded(endpoint, () => this.#services.templates.fill(endpoint) ?? UNKNOWN);
    return 'code' in instances ? instances : { endpoint, instances };
  }

  /** What `make` makes; a template that is wrong is logged. */
  #guarded<T>(endpoint: string, make: () => T): T | Response {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof TemplateError || isFrameError(error))) throw error;
      this.#services.log.error(
        { clientid: endpoint, reason: error.message },
        'a bootstrap template is wrong',
      );
      return BROKEN;
    }
  }

  #refuse(answer: Response): Response {
    this.#services.metrics.counters['bootstraps.refused'].value++;
    return answer;
  }

  #asClient(
    { endpoint }: Applicant,
    info: ConnectionInfo,
    act: (session: AttachedSession) => Response,
  ): MaybePromise<Response> {
    const settle = (result: ConnectResult) =>
      result.ok ? act(result.session) : this.#refuse(refusedLogin(result.refusal));
    const result = this.#services.clients.connect(endpoint, info);
    if (!isPromise(result)) return settle(result);
    this.#entering++;
    return result.then(settle).finally(() => {
      this.#entering--;
    });
  }

  /** One that is under way with the peer is over: the device has begun anew. */
  #begin(
    endpoint: string,
    steps: readonly BootstrapStep[],
    session: AttachedSession,
    channel: Lwm2mChannel,
  ): void {
    const before = this.#running.get(channel);
    before?.run.cancel();
    before?.session.close('taken_over');
    const { discover } = this.#services.settings;
    const run = new BootstrapRun(channel.requester, discover ? [DISCOVER, ...steps] : steps, {
      discovered: (links) =>
        this.#services.clients.publish(session, endpoint, { state: 'discovered', links }),
      ended: (failed) => this.#ended(endpoint, channel, failed),
    });
    this.#running.set(channel, { run, session });
    this.#services.metrics.counters['bootstraps.started'].value++;
    this.#tell(session, endpoint, 'started');
    channel.afterwards(() => run.next());
  }

  #ended(endpoint: string, channel: Lwm2mChannel, failed: BootstrapFailure | undefined): void {
    const running = this.#running.get(channel);
    this.#running.delete(channel);
    if (running === undefined) return;
    const { metrics, log } = this.#services;
    const fields = { clientid: endpoint, peer: formatAddress(channel.info.peer) };
    if (failed === undefined) {
      metrics.counters['bootstraps.finished'].value++;
      log.info(fields, 'device bootstrapped');
      this.#tell(running.session, endpoint, 'finished');
    } else {
      metrics.counters['bootstraps.failed'].value++;
      log.warn({ ...fields, ...failed }, 'bootstrap failed');
      this.#tell(running.session, endpoint, 'failed', failed);
    }
    running.session.close('normal');
  }

  #tell(
    session: AttachedSession,
    endpoint: string,
    state: 'started' | 'finished' | 'failed' | 'pack',
    failed?: BootstrapFailure,
  ): void {
    this.#services.clients.publish(session, endpoint, { state, ...failed });
  }
}
