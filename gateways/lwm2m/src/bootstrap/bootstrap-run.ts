import type {
  IncomingResponse,
  OutgoingRequest,
  RequestFailure,
  RequestHandle,
  ResponseHandler,
} from '@portico/coap-endpoint';
import { isSuccess } from '@portico/coap-endpoint';
import { codeText } from '@portico/codec-coap';
import { splitLinks } from '../commands/split-links.js';
import type { BootstrapStep } from './bootstrap-requests.js';

/** Why a bootstrap was not brought to its end. */
export interface BootstrapFailure {
  /** What the device was asked for last: `write /0/1`. */
  readonly step: string;
  /** `4.05`, or why there was no answer: `timeout`. */
  readonly reason: string;
}

/** Sends requests to the device that is bootstrapped. */
export interface RequestSender {
  send(request: OutgoingRequest, handler: ResponseHandler): RequestHandle;
}

/** Who is told how a bootstrap goes. */
export interface BootstrapListener {
  /** The device has told what it has. @param links as it wrote them */
  discovered(links: readonly string[]): void;
  /** Told once, unless it is cancelled. @param failure undefined for none */
  ended(failure: BootstrapFailure | undefined): void;
}

/** The requests to one device, each when the one before has been answered; the first that fails ends them. */
export class BootstrapRun implements ResponseHandler {
  readonly #sender: RequestSender;
  readonly #steps: BootstrapStep[];
  readonly #listener: BootstrapListener;
  #step: BootstrapStep | undefined;
  #pending: RequestHandle | undefined;
  #over = false;

  constructor(sender: RequestSender, steps: readonly BootstrapStep[], listener: BootstrapListener) {
    this.#sender = sender;
    this.#steps = [...steps];
    this.#listener = listener;
  }

  /** Sends the next request, the first one to begin with. */
  next(): void {
    if (this.#over) return;
    const step = this.#steps.shift();
    if (step === undefined) {
      this.#end(undefined);
      return;
    }
    this.#step = step;
    this.#pending = this.#sender.send(step.request, this);
  }

  /** Nothing more is sent, and nobody is told. */
  cancel(): void {
    this.#over = true;
    this.#pending?.cancel();
  }

  responded({ code, payload }: IncomingResponse): void {
    const { discovers } = this.#step ?? {};
    if (discovers === true && isSuccess(code)) this.#listener.discovered(splitLinks(payload.toString()));
    if (discovers === true || isSuccess(code)) this.next();
    else this.#fail(codeText(code));
  }

  failed(reason: RequestFailure): void {
    this.#fail(reason);
  }

  #fail(reason: string): void {
    this.#end({ step: this.#step?.name ?? '', reason });
  }

  #end(failure: BootstrapFailure | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.ended(failure);
  }
}
