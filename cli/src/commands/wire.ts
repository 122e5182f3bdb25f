import type { FrameRow } from '@portico/core';
import { localTimeText, PorticoError, quantity } from '@portico/core/base';
import { frameText } from '../frame-text.js';
import { type ApiCommandOptions, type Row, withManagementApi } from '../management-api.js';
import { Printer } from '../printer.js';

/** Whose frames to watch; all without them. */
export interface WireConditions {
  readonly gateway?: string | undefined;
  readonly client?: string | undefined;
  /** IP address. */
  readonly peer?: string | undefined;
}

/**
 * Prints frames as they go over the wire, until the hub stops.
 * @param options.signal of whoever wants no more
 * @returns the exit code: 0 when nobody wants more, 3 when the hub has ended it
 */
export function watchWire(
  options: ApiCommandOptions & WireConditions & { readonly signal?: AbortSignal },
): Promise<number> {
  const { gateway, client: clientid, peer, json, stdout, signal } = options;
  const given = Object.entries({ gateway, clientid, peer }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return withManagementApi(options, async (api) => {
    const printer = new Printer(stdout);
    for await (const event of api.messages(`/trace/wire?${new URLSearchParams(given)}`, signal)) {
      if (!(await printer.print(json ? `${JSON.stringify(event)}\n` : eventText(event)))) return;
    }
    if (!signal?.aborted) throw new PorticoError('PORTICO_ERR_MANAGEMENT', 'the hub has ended the stream');
  });
}

const DIRECTIONS: Readonly<Record<string, string>> = {
  receive: 'received from',
  send: 'sent to',
  close: 'closed:',
};

/** What came, when and from whom, and its fields. */
function eventText({ dropped, ...event }: Row): string {
  if (dropped !== undefined)
    return `(dropped ${quantity(Number(dropped), 'frame')}, which came faster than could be read)\n\n`;
  const { time, direction, listener, peer, clientid, reason } = event;
  const frame = event.frame as FrameRow | undefined;
  const heading = [
    timeText(Number(time)),
    DIRECTIONS[String(direction)],
    peer,
    `(${clientid === undefined ? listener : `${listener}, client ${clientid}`})`,
    ...(reason === undefined ? [] : [`reason: ${reason}`]),
  ];
  return `${heading.join(' ')}\n${frame === undefined ? '' : frameText(frame)}\n`;
}

/** `2026-05-18 17:17:44.012` */
function timeText(time: number): string {
  return `${localTimeText(new Date(time))}.${String(time % 1000).padStart(3, '0')}`;
}
