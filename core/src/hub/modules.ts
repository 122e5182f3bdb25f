import { isDeepStrictEqual } from 'node:util';
import { valueAt } from '../config/check.js';
import { isSettings } from '../config/environment.js';
import { formatPath, isWithin } from '../config/key-path.js';
import { leavesOf } from '../config/overrides.js';
import type { ConfigValue } from '../config/values.js';
import { PorticoError } from '../runtime/errors.js';
import type { ChangeEffect } from './change-effect.js';
import { watchChange, watchDoors } from './change-watch.js';
import type { ConfigSection, TakeOn } from './config-section.js';
import type { GatewayConfig } from './gateway-config.js';
import { GatewayModule, type ListenerStatus } from './gateway-module.js';
import { RunningSections } from './running-sections.js';

/** A key of the configuration that is given another value, as it would be written in the file. */
export interface ConfigChange {
  readonly path: readonly string[];
  /** Undefined for what the key has without a change at run time. */
  readonly value: unknown;
}

/** A whole configuration: its sections, of which those of the gateways stand together. */
export interface WholeConfig {
  /** By name. */
  readonly gateways: Readonly<Record<string, GatewayConfig>>;
}

/** The configuration with some changes, checked; nothing has come of it yet. */
export interface ConfigDraft<Config extends WholeConfig = WholeConfig> {
  readonly config: Config;
  /** Every key with its value and where that comes from. */
  values(): readonly ConfigValue[];
  /** The changes are kept: the next start has them. @throws PorticoError when they cannot be written */
  keep(): Promise<void>;
}

/** Where the configuration of a hub comes from, and where changes of it are kept. */
export interface ConfigSourceOfHub {
  /**
   * Reads the configuration anew, with these changes beside those that are kept.
   * Reads it in turns of the event loop, so that it holds up nobody. What is wrong elsewhere, and was so before the
   * changes, waits until that is taken on.
   * @param section path of the one that is looked at, such as `gateways.stomp`; unless given, all that is wrong counts
   * @throws PorticoError when it is wrong (with key, value and what is allowed), or a change would have no effect
   */
  draft(changes: readonly ConfigChange[], section?: readonly string[]): Promise<ConfigDraft>;
  /** Whether a key, or a section, is there only because of a change at run time. */
  isAddition(path: readonly string[]): Promise<boolean>;
  /** When a change of what is at a path holds. */
  effectOf(path: readonly string[]): ChangeEffect;
}

/** A key of the configuration with its value, as the hub would be started with it now. */
export interface WrittenValue extends ConfigValue {
  /** The hub runs by another value: what is written has changed since it was started, or last changed. */
  readonly pending: boolean;
  readonly applies: ChangeEffect;
}

/** What came of taking on all that the configuration says by now. */
export interface ReloadOutcome {
  /** Sections that have changed: `broker`, `gateways.stomp`. */
  readonly changed: readonly string[];
  /** Keys whose values need a restart. */
  readonly pending: readonly string[];
  /** Why gateways go on by what was before. */
  readonly faults: readonly PorticoError[];
  /** What should be known of what has changed. */
  readonly warnings: ChangeWarnings;
}

/** What an operator should know of a change, beside that it was made: each a line. See {@link watchChange}. */
export type ChangeWarnings = readonly string[];

/** A listener with the module that it belongs to. */
export interface ListenerOfModule {
  readonly module: GatewayModule;
  readonly status: ListenerStatus;
}

/**
 * The modules of a hub and what operators do with them, and the other sections of its configuration, as they are changed
 * while it runs. A change is checked by the schema first, then it is made and kept; when one of these fails, all is as before. One change is
 * made at a time.
 */
export class Modules {
  readonly #modules: ReadonlyMap<string, GatewayModule>;
  readonly #source: ConfigSourceOfHub;
  readonly #sections: RunningSections;
  #last: Promise<unknown> = Promise.resolve();

  /** @param sections what can be changed beside modules; nothing by default */
  constructor(
    modules: Iterable<GatewayModule>,
    source: ConfigSourceOfHub,
    sections: readonly ConfigSection[] = [],
  ) {
    this.#sections = new RunningSections(sections, (path) => source.effectOf(path) === 'restart');
    this.#modules = new Map([...modules].map((module) => [module.name, module]));
    this.#source = source;
  }

  list(): readonly GatewayModule[] {
    return [...this.#modules.values()];
  }

  get(name: string): GatewayModule | undefined {
    return this.#modules.get(name);
  }

  /** All listeners that the configuration has, open or not. */
  listeners(): readonly ListenerOfModule[] {
    return this.list().flatMap((module) => module.listeners.map((status) => ({ module, status })));
  }

  /**
   * The keys of the configuration at a path and below it, with the values that the hub would be started with now.
   * @param path such as `gateways.stomp`; all without
   * @throws PorticoError (it rejects) when what is written there is wrong
   */
  async values(path: readonly string[] = []): Promise<readonly WrittenValue[]> {
    const draft = await this.#source.draft([], sectionOf(path));
    return draft
      .values()
      .filter((value) => isWithin(value.path, path))
      .map((value) => this.#asWritten(value, draft.config));
  }

  /** What the hub runs by at a path. */
  runningAt(path: readonly string[]): unknown {
    const [section, name = '', ...below] = path;
    if (section !== 'gateways') return this.#sections.valueAt(path);
    return valueAt(this.#modules.get(name)?.config, below);
  }

  #asWritten(value: ConfigValue, written: WholeConfig): WrittenValue {
    const { path } = value;
    const pending = !isDeepStrictEqual(this.runningAt(path), valueAt(written, path));
    return { ...value, pending, applies: this.#source.effectOf(path) };
  }

  /** Takes on what the configuration file and the environment say of a module by now. @throws PorticoError */
  reload(module: GatewayModule): Promise<ChangeWarnings> {
    return this.#change(module, []);
  }

  /** Whether it runs from now on, also after a restart of the hub. @throws PorticoError */
  enable(module: GatewayModule, enable: boolean): Promise<ChangeWarnings> {
    return this.#change(module, [{ path: ['gateways', module.name, 'enable'], value: enable }]);
  }

  /**
   * Gives keys of one module, or of one other section, other values, or takes such changes back.
   * @throws PorticoError, also where a key needs a restart
   */
  change(changes: readonly ConfigChange[]): Promise<ChangeWarnings> {
    const [first] = changes;
    const subject = this.#subjectOf(first?.path ?? []);
    const others = changes.filter(({ path }) => this.#subjectOf(path) !== subject);
    if (others.length > 0) throw new PorticoError('PORTICO_ERR_MODULE', 'the keys are of several sections');
    return this.#change(subject, changes);
  }

  /** Stops it and starts it again. @throws PorticoError when it cannot be started */
  restart(module: GatewayModule): Promise<ChangeWarnings> {
    return this.#watched(module, () => module.restart());
  }

  /** Closes a listener with its connections and opens it again. @throws PorticoError when it cannot be opened */
  restartListener({ module, status }: ListenerOfModule): Promise<ChangeWarnings> {
    return this.#watched(module, () => module.restartListener(status.name));
  }

  /** Whether a listener is open from now on, also after a restart of the hub. @throws PorticoError */
  enableListener({ module, status }: ListenerOfModule, enable: boolean): Promise<ChangeWarnings> {
    return this.#change(module, [{ path: [...listenerPath(status.name), 'enable'], value: enable }]);
  }

  /**
   * Adds a listener. @param name full name: `stomp:tcp:second` @param keys its section of the configuration
   * @throws PorticoError, also where there is one of that name
   */
  async addListener(name: string, keys: Readonly<Record<string, unknown>>): Promise<ChangeWarnings> {
    const module = this.#modules.get(name.split(':')[0] ?? '');
    if (module === undefined) throw new PorticoError('PORTICO_ERR_MODULE', `${name}: ${this.#noGateway()}`);
    return this.inTurn(() => {
      if (module.listeners.some((status) => status.name === name)) {
        throw new PorticoError('PORTICO_ERR_MODULE', `${name}: there is a listener of that name`);
      }
      return this.#make(module, [{ path: listenerPath(name), value: keys }]);
    });
  }

  /** Closes a listener that was added at run time, and forgets it. @throws PorticoError, also where it was not */
  removeListener({ module, status }: ListenerOfModule): Promise<ChangeWarnings> {
    const path = listenerPath(status.name);
    return this.inTurn(async () => {
      if (!(await this.#source.isAddition(path))) {
        const advice =
          'it is in the configuration file or the environment, or there by default: stop it, or take it out there';
        throw new PorticoError('PORTICO_ERR_MODULE', `${status.name}: ${advice}`);
      }
      return this.#make(module, [{ path, value: undefined }]);
    });
  }

  /** Section that a key is in. @throws PorticoError when it is in none that can be changed */
  #subjectOf(path: readonly string[]): GatewayModule | string {
    const [section = '', name] = path;
    if (this.#sections.has(section)) return section;
    const module = section === 'gateways' ? this.#modules.get(name ?? '') : undefined;
    if (module !== undefined) return module;
    throw new PorticoError(
      'PORTICO_ERR_MODULE',
      `${formatPath(path.slice(0, 2))}: ${this.#noSubjectAt(path)}`,
    );
  }

  #noSubjectAt(path: readonly string[]): string {
    const [section = '', name] = path;
    if (this.#modules.has(section)) return `did you mean ${formatPath(['gateways', ...path])}?`;
    if (section === 'gateways' && name !== undefined) return this.#noGateway();
    if (section === 'gateways')
      return `one gateway is changed at a time: ${[...this.#modules.keys()].join(', ')}`;
    return `there is no such section; there are gateways, ${this.#sections.names.join(', ')}`;
  }

  #noGateway(): string {
    return `there is no such gateway; there are ${[...this.#modules.keys()].join(', ')}`;
  }

  #change(subject: GatewayModule | string, changes: readonly ConfigChange[]): Promise<ChangeWarnings> {
    return this.inTurn(() =>
      subject instanceof GatewayModule ? this.#make(subject, changes) : this.#changeSection(subject, changes),
    );
  }

  /**
   * Does something when the changes that were asked for before are made; none is made meanwhile. For what reads files that
   * a change reads too, so that what was read last holds.
   */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => {});
    return done;
  }

  #watched(module: GatewayModule, act: () => Promise<void>): Promise<ChangeWarnings> {
    return this.inTurn(async () => {
      const warnings = watchChange(module);
      await act();
      return warnings();
    });
  }

  async #make(module: GatewayModule, changes: readonly ConfigChange[]): Promise<ChangeWarnings> {
    const { config: before } = module;
    const warnings = watchChange(module);
    this.#demandListener(changes);
    const draft = await this.#source.draft(changes, ['gateways', module.name]);
    const after = draft.config.gateways[module.name];
    if (after === undefined)
      throw new PorticoError('PORTICO_ERR_MODULE', `${module.name}: it has no configuration`);
    if (!isDeepStrictEqual(before, after) || module.state === 'failed') await module.change(after);
    try {
      await draft.keep();
    } catch (error) {
      await module.change(before);
      throw error;
    }
    return warnings();
  }

  /** @throws PorticoError when nothing would listen any more */
  #demandListener(changes: readonly ConfigChange[]): void {
    const off = changes.find(({ path, value }) => path.at(-1) === 'enable' && value === false);
    if (off === undefined) return;
    const section = off.path.slice(0, -1);
    const isOff = (name: string) => section.every((key, depth) => listenerPath(name)[depth] === key);
    const listening = this.listeners().filter(({ module, status }) => module.enabled && status.enabled);
    if (listening.length === 0 || listening.some(({ status }) => !isOff(status.name))) return;
    const [, gateway, , type, id] = section;
    const what =
      type === undefined
        ? `${gateway}: the last gateway cannot be disabled`
        : `${gateway}:${type}:${id}: the last listener cannot be stopped`;
    const why = 'a hub where nothing listens would not start again';
    throw new PorticoError('PORTICO_ERR_MODULE', `${what}: ${why}`);
  }

  async #changeSection(name: string, changes: readonly ConfigChange[]): Promise<ChangeWarnings> {
    const doors = watchDoors(this);
    const draft = await this.#source.draft(changes, [name]);
    for (const change of changes) this.#refuseRestart(change);
    const given = changes.map(({ path }) => path);
    const takeOn = await this.#sections.prepare(name, valueAt(draft.config, [name]), given);
    await draft.keep();
    takeOn();
    return doors();
  }

  /** @throws PorticoError when what a change gives another value is read by a start alone */
  #refuseRestart({ path, value }: ConfigChange): void {
    const leaves = isSettings(value) ? [...leavesOf(value, path)] : [[path] as const];
    const leaf = leaves.find(([key]) => this.#source.effectOf(key) === 'restart');
    if (leaf === undefined) return;
    const advice = 'needs a restart: write it in the configuration file, and start Portico again';
    throw new PorticoError('PORTICO_ERR_MODULE', `${formatPath(leaf[0])}: ${advice}`);
  }

  /**
   * Takes on everything that the configuration file and the environment say by now: all sections or, where one is wrong, none.
   * A gateway that cannot be changed goes on as it was, and the others are changed all the same.
   * @throws PorticoError (it rejects) when the configuration is wrong; nothing has changed then
   */
  reloadAll(): Promise<ReloadOutcome> {
    return this.inTurn(async () => {
      const { config } = await this.#source.draft([]);
      const doors = watchDoors(this);
      const changed = await this.#takeOnSections(config);
      const ofSections = doors();
      const { done, faults, ofModules } = await this.#takeOnModules(config);
      const pending = (await this.values()).filter(
        ({ applies, pending }) => pending && applies === 'restart',
      );
      const warnings = [...new Set([...ofSections, ...ofModules])];
      const keys = pending.map(({ path }) => formatPath(path));
      return { changed: [...changed, ...done], faults, pending: keys, warnings };
    });
  }

  async #takeOnSections(config: WholeConfig): Promise<readonly string[]> {
    const names = this.#sections.names.filter((name) =>
      this.#sections.differs(name, valueAt(config, [name])),
    );
    const ready: TakeOn[] = [];
    for (const name of names) ready.push(await this.#sections.prepare(name, valueAt(config, [name])));
    for (const takeOn of ready) takeOn();
    return names;
  }

  /** Those that fail are tried once more behind the others, which may have given an address back by then. */
  async #takeOnModules({ gateways }: WholeConfig) {
    const differs = ({ name, config, state }: GatewayModule) =>
      !isDeepStrictEqual(config, gateways[name]) || state === 'failed';
    const first = await this.#takeOnEach(this.list().filter(differs), gateways);
    const again = await this.#takeOnEach([...first.faults.keys()], gateways);
    return {
      done: [...first.done, ...again.done],
      faults: [...again.faults.values()],
      ofModules: [...first.warnings, ...again.warnings],
    };
  }

  async #takeOnEach(modules: readonly GatewayModule[], gateways: WholeConfig['gateways']) {
    const done: string[] = [];
    const faults = new Map<GatewayModule, PorticoError>();
    const warnings: string[] = [];
    for (const module of modules) {
      const watched = watchChange(module);
      const fault = await this.#takeOn(module, gateways[module.name]);
      warnings.push(...watched());
      if (fault === undefined) done.push(module.key);
      else faults.set(module, fault);
    }
    return { done, faults, warnings };
  }

  /** @returns why it goes on as it was; undefined when it has changed */
  async #takeOn(module: GatewayModule, config: GatewayConfig | undefined): Promise<PorticoError | undefined> {
    try {
      if (config !== undefined) await module.change(config);
      return undefined;
    } catch (error) {
      if (error instanceof PorticoError) return error;
      throw error;
    }
  }
}

/** Path of the section that a path is in, or of the gateway's; undefined for no section in particular. */
function sectionOf([section, name]: readonly string[]): readonly string[] | undefined {
  if (section === undefined) return undefined;
  return section === 'gateways' && name !== undefined ? [section, name] : [section];
}

/** Path of a listener's section of the configuration. @param name full name */
function listenerPath(name: string): readonly string[] {
  const [gateway = '', type = '', ...id] = name.split(':');
  return ['gateways', gateway, 'listeners', type, id.join(':')];
}
