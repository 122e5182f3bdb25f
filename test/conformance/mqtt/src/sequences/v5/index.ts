import type { Table } from '../../sequence.js';
import { acknowledgingTable } from './acknowledging.js';
import { answersInOrderTable } from './answers-in-order.js';
import { connacksTable } from './connacks.js';
import { connectsTable } from './connects.js';
import { disconnectingTable } from './disconnecting.js';
import { exactlyOnceTable } from './exactly-once.js';
import { groupsTable } from './groups.js';
import { messageExpiryTable } from './message-expiry.js';
import { messagePropertiesTable } from './message-properties.js';
import { packetIdentifiersTable } from './packet-identifiers.js';
import { packetSizesTable } from './packet-sizes.js';
import { reasonStringsTable } from './reason-strings.js';
import { receiveMaximumTable } from './receive-maximum.js';
import { refusalsTable } from './refusals.js';
import { requestsTable } from './requests.js';
import { scramTable } from './scram.js';
import { sessionExpiryTable } from './session-expiry.js';
import { subscriptionIdentifiersTable } from './subscription-identifiers.js';
import { subscriptionOptionsTable } from './subscription-options.js';
import { topicAliasesTable } from './topic-aliases.js';
import { willDelayTable } from './will-delay.js';

/** What only MQTT 5 has, option by option. */
export const V5_TABLES: readonly Table[] = [
  connectsTable,
  connacksTable,
  refusalsTable,
  disconnectingTable,
  sessionExpiryTable,
  willDelayTable,
  messagePropertiesTable,
  messageExpiryTable,
  requestsTable,
  acknowledgingTable,
  answersInOrderTable,
  packetIdentifiersTable,
  exactlyOnceTable,
  subscriptionOptionsTable,
  subscriptionIdentifiersTable,
  groupsTable,
  topicAliasesTable,
  receiveMaximumTable,
  packetSizesTable,
  reasonStringsTable,
  scramTable,
];
