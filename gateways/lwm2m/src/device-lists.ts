import { type GatewayList, type GatewayLists, type ListedRows, localTimeText } from '@portico/core';
import type { CommandView } from './commands/command-view.js';
import type { JsonValue } from './commands/exact-json.js';
import type { LastValue } from './last-values.js';
import type { DeviceSummary, OperatorView } from './operator-view.js';

/** What the management API offers of LwM2M devices. */
export const DEVICE_LISTS: readonly GatewayList[] = [
  {
    path: '/lwm2m_channels',
    name: 'list_lwm2m_channels',
    descr: 'List the registered LwM2M devices',
  },
  {
    path: '/lwm2m_channels/:clientid',
    name: 'lookup_lwm2m_channel',
    descr: 'Show a registered LwM2M device',
  },
  {
    path: '/lwm2m_channels/:clientid/values',
    name: 'list_lwm2m_values',
    descr: 'Show what resources of an LwM2M device were when it told them last',
  },
  {
    path: '/lwm2m_channels/:clientid/commands',
    name: 'list_lwm2m_commands',
    descr:
      'List the commands of an LwM2M device: the last ones that are over, the one on its way, those that wait',
  },
];

/** The name of an object by its id and version; undefined where nobody has defined it. */
export type ObjectNames = (objectId: number, version: string | undefined) => string | undefined;

/** What stands in {@link DEVICE_LISTS}. */
export function deviceLists(view: OperatorView, names: ObjectNames): GatewayLists {
  const row = (summary: DeviceSummary) => deviceRow(summary, names);
  return {
    list_lwm2m_channels: () => ({ size: view.size, rows: mapped(view.summaries(), row) }),
    lookup_lwm2m_channel(clientId) {
      const summary = view.summary(clientId);
      return summary && listed([summary], row);
    },
    list_lwm2m_values(clientId) {
      const values = view.lastValues(clientId);
      return values && listed(values, valueRow);
    },
    list_lwm2m_commands(clientId) {
      const commands = view.commands(clientId);
      return commands && listed(commands, commandRow);
    },
  };
}

function listed<Item>(items: readonly Item[], row: (item: Item) => object): ListedRows {
  return { size: items.length, rows: items.map(row) };
}

function* mapped<Item>(items: Iterable<Item>, row: (item: Item) => object): Generator<object> {
  for (const item of items) yield row(item);
}

/** The fields of EMQX 4, then ours. */
function deviceRow(device: DeviceSummary, names: ObjectNames) {
  const { endpoint, lifetime, ip, port, lwm2m, binding, queueMode, asleep, listener, updatedAt } = device;
  return {
    imei: endpoint,
    lifetime,
    ip_address: ip,
    port,
    version: lwm2m,
    objectList: namedObjects(device, names),
    clientid: endpoint,
    listener,
    binding,
    queue_mode: queueMode,
    state: asleep ? 'asleep' : 'registered',
    updated_at: localTimeText(new Date(updatedAt)),
  };
}

/** Names by path; the path itself where nobody knows its object. */
function namedObjects({ objects, versions }: DeviceSummary, names: ObjectNames): Record<string, string> {
  const nameOf = (path: string): string => {
    const id = Number(path.split('/')[1]);
    return names(id, versions.get(id)) ?? path;
  };
  return Object.fromEntries(objects.map((path) => [path, nameOf(path)]));
}

function valueRow({ path, value, at }: LastValue) {
  return { path, value, told_at: localTimeText(new Date(at)) };
}

function commandRow({ reqID, msgType, path, state }: CommandView) {
  return { reqID: plain(reqID), msgType: plain(msgType), path: plain(path), state };
}

/** Integers that a number does not hold are told as text. */
function plain(value: JsonValue | undefined): unknown {
  return (
    value &&
    JSON.parse(JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part)))
  );
}
