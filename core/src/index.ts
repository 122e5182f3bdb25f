/** The public surface of the core: what gateways, modules and tools build on. */

export { type AccessConfig, accessConfigSchema } from './access/access-config.js';
export { AccessControl, type AccessControlOptions, type AccessPolicy } from './access/access-control.js';
export type { AclCache, AclCacheEntry } from './access/acl-cache.js';
export { parseAclFile, readAclFile } from './access/acl-file.js';
export {
  type AclAction,
  type AclRule,
  AclRules,
  type AclWho,
  DEFAULT_ACL_RULES,
} from './access/acl-rules.js';
export { type AclTopic, aclTopicError } from './access/acl-topics.js';
export { BAN_KINDS, type Ban, type BanKind } from './access/bans.js';
export { type ClientPolicy, DEFAULT_CLIENT_POLICY, type Entrance } from './access/client-policy.js';
export { createAccessControl, loadRules } from './access/create-access-control.js';
export type {
  Authenticated,
  AuthenticationStep,
  EnhancedAuthentication,
} from './access/enhanced-authentication.js';
export { HashQueue } from './access/hash-queue.js';
export { IpRange, ipRangeError, isLoopbackAddress } from './access/ip-range.js';
export { PasswordChecker, type PasswordVerdict } from './access/password-checker.js';
export { hashPassword, parsePasswordHash } from './access/password-hash.js';
export { type PasswordScheme, parsePasswordScheme, type StoredPassword } from './access/password-scheme.js';
export { PskKeys } from './access/psk-keys.js';
export { hasPresharedKeys } from './access/psk-lookup.js';
export {
  hashScramPassword,
  MAX_SCRAM_ITERATIONS,
  MIN_SCRAM_ITERATIONS,
  parseScramCredentials,
  type ScramMechanism,
} from './access/scram/scram-credentials.js';
export type {
  AccessAction,
  AuthenticationAnswer,
  AuthenticationOutcome,
  AuthenticationRefusal,
  Authenticator,
  AuthorizationAnswer,
  Authorizer,
  Credentials,
  EnhancedAuthenticator,
  Exchange,
  ExchangeAnswer,
} from './access/types.js';
export type { Alarm, AlarmDetails } from './alarms/alarm.js';
export { type AlarmConfig, alarmConfigSchema } from './alarms/alarm-config.js';
export type { Alarms } from './alarms/alarms.js';
export { CertificateAlarms } from './alarms/certificate-alarms.js';
export { type Machine, thisMachine } from './alarms/machine.js';
export { type OsMonConfig, osMonConfigSchema } from './alarms/os-monitor.js';
export { type VmMonConfig, vmMonConfigSchema } from './alarms/vm-monitor.js';
export { checkedText } from './config/checked-text.js';
export { isSettings, type Settings } from './config/environment.js';
export { FileReading, readConfigFile } from './config/file-reading.js';
export { issueWords } from './config/issue-words.js';
export { formatPath, isWithin, type KeyPath, parsePath } from './config/key-path.js';
export { type ConfigErrorCode, type ConfigInput, type ConfigResult, loadConfig } from './config/load.js';
export { leavesOf, type Overrides, overridesText, readOverrides } from './config/overrides.js';
export { type ConfigProblem, type ConfigSource, formatProblem, formatSource } from './config/problem.js';
export { configReference } from './config/reference.js';
export { jsonSchema, type SchemaNode, schemaTree } from './config/schema-tree.js';
export { type ServiceTarget, serviceTarget, serviceUrl } from './config/service-url.js';
export { mountpointTemplate, topicFilterTemplate, topicNameTemplate } from './config/topic-settings.js';
export { byteRate, byteSize, duration, messageRate, type Rate } from './config/units.js';
export { adviseOnPath } from './config/unknown-key.js';
export type { ConfigValue } from './config/values.js';
export { type BrokerConfig, brokerConfigSchema } from './engine/broker-config.js';
export {
  type ClientInfo,
  type ClientNames,
  type ClientStatus,
  type ConnectionInfo,
  formatAddress,
  logFields,
  type PeerAddress,
  type PeerCertificate,
  type ProvenIdentity,
  type TransportType,
} from './engine/client-info.js';
export { Engine, type EngineOptions } from './engine/engine.js';
export type { GatewayDrop } from './engine/gateway-messages.js';
export {
  type HookAnswer,
  type HookFunction,
  HookPoint,
  Hooks,
  type PublishDecision,
  type TopicRequest,
} from './engine/hooks.js';
export {
  allocateWireSlot,
  Message,
  type MessageInit,
  type MessageProperties,
  type QoS,
} from './engine/message.js';
export * from './engine/outcomes.js';
export { provenPeer } from './engine/proven-peer.js';
export {
  deliveryConfigShape,
  type ProtocolLimits,
  qosConfigShape,
  type SessionConfig,
  sessionConfigShape,
  sessionOptions,
} from './engine/session-config.js';
export type { SessionView, SubscriptionEntry } from './engine/session-view.js';
export * from './engine/traffic.js';
export * from './engine/types.js';
export { ClientChannel } from './gateway/client-channel.js';
export * from './gateway/contract.js';
export type * from './gateway/gateway-list.js';
export type { GatewayStorage } from './gateway/gateway-storage.js';
export { type WireEvent, type WireFilter, WireTap } from './gateway/wire-tap.js';
export { type ChangeEffect, gatewayEffect } from './hub/change-effect.js';
export { type ConfigSection, configSection, fixedSection } from './hub/config-section.js';
export { type GatewayConfig, gatewayConfigSchema } from './hub/gateway-config.js';
export type { CarriedTraffic } from './hub/gateway-links.js';
export type { GatewayModule, ListenerStatus, ModuleState } from './hub/gateway-module.js';
export { Hub, type HubConfig, type HubOptions } from './hub/hub.js';
export {
  type ChangeWarnings,
  type ConfigChange,
  type ConfigDraft,
  type ConfigSourceOfHub,
  type ListenerOfModule,
  Modules,
  type ReloadOutcome,
  type WholeConfig,
  type WrittenValue,
} from './hub/modules.js';
export { namedFileFaults } from './hub/named-files.js';
export type {
  Accept,
  Connection,
  ConnectionHandler,
  Listener,
  ListenerStatistics,
  MulticastAnswer,
} from './listeners/connection.js';
export { errorCode } from './listeners/error-code.js';
export { listenError } from './listeners/listen-error.js';
export {
  bindAddress,
  type ListenerConfig,
  type ListenersConfig,
  listenersConfigSchema,
} from './listeners/listener-config.js';
export { underlyingSocket } from './listeners/stream/node-internals.js';
export { type HttpsConfig, HttpsContexts, httpsConfigSchema } from './listeners/tls/https-contexts.js';
export { type Cancel, type Clock, systemClock, VirtualClock } from './runtime/clock.js';
export { type ErrorCode, PorticoError } from './runtime/errors.js';
export { fileReason } from './runtime/file-reason.js';
export { type Histogram, type HistogramReading, SECONDS_BOUNDS } from './runtime/histogram.js';
export { createLogger, type LogOptions, type RootLogger } from './runtime/hub-logger.js';
export { type KeyFile, keyFileError, readKeyFile, readPrivateKey } from './runtime/keys/key-file.js';
export {
  type Decrypt,
  type OaepHash,
  type RsaPublicKey,
  rsaDecrypt,
  rsaEncrypt,
  rsaPrivateKey,
  rsaPublicKey,
} from './runtime/keys/rsa-oaep.js';
export { LineLimit } from './runtime/line-limit.js';
export { type LogConfig, logConfigSchema } from './runtime/log-config.js';
export type { LogHandler } from './runtime/log-handler.js';
export { escapeControls } from './runtime/log-line.js';
export type { LogOutput } from './runtime/log-sinks.js';
export { LOG_LEVELS, type LogFields, type Logger, type LogLevel, silentLogger } from './runtime/logger.js';
export { isPromise, type MaybePromise } from './runtime/maybe-promise.js';
export { Counter, type CounterSet, Gauge, Metrics } from './runtime/metrics.js';
export { quantity } from './runtime/quantity.js';
export { localTimeText, uptimeText } from './runtime/time-text.js';
export { TIMER_TICK, Timer, Timers } from './runtime/timers.js';
export { TokenBucket } from './runtime/token-bucket.js';
export { LogReader } from './store/log/log-reader.js';
export { LogStore, type StoreServices } from './store/log/log-store.js';
export type { DamageReporter } from './store/log/recovery.js';
export { segmentNumber } from './store/log/segment.js';
export { MemoryStore } from './store/memory-store.js';
export { logStoreOptions, openStore, storeFolder } from './store/open-store.js';
export { type Store, StoreFailure, type StoreFailureKind } from './store/store.js';
export { type StoreConfig, storeConfigSchema } from './store/store-config.js';
export { type SysmonConfig, sysmonConfigSchema } from './sys/system-monitor.js';
export { CLIENT_LETTERS, type FilledTopic, fillTopic, placeholderError } from './topics/placeholders.js';
export {
  hasWildcard,
  parseSubscription,
  topicFilterError,
  topicMatches,
  topicNameError,
} from './topics/topic.js';
