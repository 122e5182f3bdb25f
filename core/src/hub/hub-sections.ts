import type { AccessConfig } from '../access/access-config.js';
import { prepareAccess } from '../access/create-access-control.js';
import { type PskLookup, readPskFile } from '../access/psk-lookup.js';
import type { Engine } from '../engine/engine.js';
import type { PendingBytes } from '../gateway/pending-bytes.js';
import type { SysTopics } from '../sys/sys-topics.js';
import { type ConfigSection, configSection } from './config-section.js';
import type { GatewayRunner } from './gateway-runner.js';
import type { HubConfig } from './hub.js';
import { MONITORING_SECTIONS, type Monitoring } from './monitoring.js';

/** The parts of a hub that go by these sections. */
export interface SectionedParts {
  readonly engine: Engine;
  readonly pending: PendingBytes;
  readonly sysTopics: SysTopics;
  readonly monitoring: Monitoring;
  readonly psk: PskLookup;
  /** All of them, whether they run or not. */
  readonly runners: () => Iterable<GatewayRunner>;
  /** Told where the access rules come from by now. */
  readonly rulesFrom: (config: AccessConfig) => void;
}

/** The sections of the configuration that a hub can take on changes of while it runs, beside its gateways. */
export function hubSections(config: HubConfig, parts: SectionedParts): readonly ConfigSection[] {
  const { engine, pending, sysTopics, monitoring, psk, runners, rulesFrom } = parts;
  const access = configSection('access', config.access, async (changed) => {
    const takeOn = await prepareAccess(changed, engine.access, engine.log);
    const keys = await readPskFile(changed);
    return () => {
      takeOn();
      psk.setFile(keys);
      rulesFrom(changed);
      for (const runner of runners()) runner.adjustEntrances();
    };
  });
  const broker = configSection('broker', config.broker, (changed) => () => {
    engine.adjust(changed);
    pending.adjust(changed.max_pending_bytes);
    sysTopics.adjust(changed);
  });
  const watched = MONITORING_SECTIONS.map((name) =>
    configSection(name, config[name], (changed) => () => monitoring.adjust({ [name]: changed })),
  );
  return [access, broker, ...watched];
}
