import { type DecodedBody, MESSAGES } from '@portico/codec-jt808';
import type { Location } from './location.js';
import { MessageId, Result } from './message-ids.js';
import type { Parameter, Parameters } from './parameters.js';

/** A message for the platform. */
export interface Answer {
  readonly id: number;
  readonly body: unknown;
}

/** What of a terminal its answers tell. */
export interface Answering {
  readonly parameters: Parameters;
  /** Its terminal id, as it has registered. */
  readonly deviceId: string;
  location(): Location;
  /** The platform has set parameters. */
  parametersSet(): void;
}

type Body = Readonly<Record<string, unknown>>;
type Respond = (terminal: Answering, body: Body, seq: number) => readonly Answer[];

/** Messages to a terminal that it does not answer. */
const UNANSWERED: ReadonlySet<number> = new Set([
  MessageId.platformResponse,
  MessageId.partsRequest,
  MessageId.time,
  MessageId.registrationResponse,
  MessageId.multimediaResponse,
  MessageId.platformKey,
]);

/** Types of terminals: for passenger vehicles (JT/T 808-2013 table 20). */
const PASSENGER_VEHICLE = 1;
const GPS_AND_BEIDOU = 3;
const MOBILE_NETWORK = 1;

/** That a photo cannot be taken, as there is no camera (JT/T 808-2013 table 83). */
const NO_CHANNEL = 2;

const general = (id: number, seq: number, result: number): Answer => ({
  id: MessageId.terminalResponse,
  body: { seq, id, result },
});

const parameterAnswer = (seq: number, params: readonly Parameter[]): readonly Answer[] => [
  { id: MessageId.parameters, body: { seq, params } },
];

/** How commands are answered that are not just confirmed. */
const RESPONSES: ReadonlyMap<number, Respond> = new Map<number, Respond>([
  [
    MessageId.setParameters,
    (terminal, { params }, seq) => {
      const isRoom = terminal.parameters.set(params as readonly Parameter[]);
      const result = isRoom ? Result.success : Result.failure;
      terminal.parametersSet();
      return [general(MessageId.setParameters, seq, result)];
    },
  ],
  [MessageId.queryParameters, (terminal, _body, seq) => parameterAnswer(seq, terminal.parameters.list())],
  [
    MessageId.querySomeParameters,
    (terminal, { ids }, seq) => parameterAnswer(seq, terminal.parameters.list(ids as readonly number[])),
  ],
  [
    MessageId.queryProperties,
    ({ deviceId }) => [
      {
        id: MessageId.properties,
        body: {
          type: PASSENGER_VEHICLE,
          manufacturer: MANUFACTURER,
          model: MODEL,
          id: deviceId,
          iccid: deviceId.padStart(20, '0'),
          hardware_version: '1.0',
          firmware_version: '1.0',
          gnss_prop: GPS_AND_BEIDOU,
          comm_prop: MOBILE_NETWORK,
        },
      },
    ],
  ],
  [
    MessageId.queryLocation,
    (terminal, _body, seq) => [
      { id: MessageId.locationResponse, body: { seq, params: terminal.location() } },
    ],
  ],
  [
    MessageId.question,
    (_terminal, { answers }, seq) => {
      const [first] = answers as readonly { readonly id: number }[];
      const taken = general(MessageId.question, seq, Result.success);
      return first === undefined ? [taken] : [taken, { id: MessageId.answer, body: { seq, id: first.id } }];
    },
  ],
  [
    MessageId.control,
    (terminal, _body, seq) => [
      { id: MessageId.controlResponse, body: { seq, location: terminal.location() } },
    ],
  ],
  [
    MessageId.takePhotos,
    (_terminal, _body, seq) => [{ id: MessageId.photosTaken, body: { seq, result: NO_CHANNEL } }],
  ],
  [
    MessageId.searchMultimedia,
    (_terminal, _body, seq) => [{ id: MessageId.multimediaFound, body: { seq, result: [] } }],
  ],
]);

/** Of all simulated terminals. */
export const MANUFACTURER = 'PORTI';
export const MODEL = 'SIM-808';

/** Whether a message of the platform is a command, which is answered. */
export function isCommand(id: number): boolean {
  return !UNANSWERED.has(id);
}

/**
 * What a terminal answers to a command.
 * @param seq serial number of the command
 */
export function answersTo(
  terminal: Answering,
  id: number,
  seq: number,
  { body, faults }: DecodedBody,
): readonly Answer[] {
  if (!MESSAGES.has(id) || 'encrypted' in body) {
    return [general(id, seq, Result.notSupported)];
  }
  if (faults.length > 0) return [general(id, seq, Result.messageWrong)];
  return RESPONSES.get(id)?.(terminal, body, seq) ?? [general(id, seq, Result.success)];
}
