import { isDeepStrictEqual } from 'node:util';
import { valueAt } from '../config/check.js';
import { formatPath } from '../config/key-path.js';
import type { ConfigValue } from '../config/values.js';
import { PorticoError } from '../runtime/errors.js';
import type { LogLevel } from '../runtime/logger.js';
import type { GatewayConfig } from './gateway-config.js';
import { GatewayModule, type ListenerStatus } from './gateway-module.js';
import type { MonitoringConfig } from './monitoring.js';

/** A key of the configuration that is given another value, as it would be written in the file. */
export interface ConfigChange {
  readonly path: readonly string[];
  /** Undefined for what the key has without a change at run time. */
  readonly value: unknown;
}

/** What of a configuration can be changed while the hub runs. */
export interface RuntimeSections extends MonitoringConfig {
  /** By name. */
  readonly gateways: Readonly<Record<string, GatewayConfig>>;
  readonly log: { readonly level: LogLevel };
}

/** Keys beside those of modules that hold at once when they are changed. */
export interface AdjustableKeys {
  /** Of keys, or of sections with all that is below them: `os_mon`, `log.level`. */
  readonly keys: readonly string[];
  /** Takes on what a configuration says of all of them. */
  adjust(config: RuntimeSections): void;
}

/** The configuration with some changes, checked; nothing has come of it yet. */
export interface ConfigDraft<Config extends RuntimeSections = RuntimeSections> {
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
   * @param module whose section is looked at; unless given, all that is wrong counts
   * @throws PorticoError when it is wrong (with key, value and what is allowed), or a change would have no effect
   */
  draft(changes: readonly ConfigChange[], module?: string): Promise<ConfigDraft>;
  /** Whether a key, or a section, is there only because of a change at run time. */
  isAddition(path: readonly string[]): Promise<boolean>;
}

/** A key of a module with its value. */
export interface ModuleValue extends ConfigValue {
  /** The module runs by another value: what is written has changed since it was started, or last changed. */
  readonly pending: boolean;
}

/** A listener with the module that it belongs to. */
export interface ListenerOfModule {
  readonly module: GatewayModule;
  readonly status: ListenerStatus;
}

/**
 * The modules of a hub and what operators do with them, and what else of its configuration can be changed while it runs. A
 * change is checked by the schema first, then it is made and kept; when one of these fails, all is as before. One change is
 * made at a time.
 */
export class Modules {
  readonly #modules: ReadonlyMap<string, GatewayModule>;
  readonly #source: ConfigSourceOfHub;
  readonly #adjustable: AdjustableKeys;
  #last: Promise<unknown> = Promise.resolve();

  /** @param adjustable what can be changed beside modules; nothing by default */
  constructor(
    modules: Iterable<GatewayModule>,
    source: ConfigSourceOfHub,
    adjustable: AdjustableKeys = { keys: [], adjust() {} },
  ) {
    this.#adjustable = adjustable;
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

  /** The keys of a module's configuration, with the values that it would be started with now. */
  async values(module: GatewayModule): Promise<readonly ModuleValue[]> {
    const draft = await this.#source.draft([], module.name);
    const { [module.name]: after } = draft.config.gateways;
    return draft
      .values()
      .filter(({ path }) => path[0] === 'gateways' && path[1] === module.name)
      .map((value) => ({ ...value, pending: isPending(value.path.slice(2), module.config, after) }));
  }

  /** Takes on what the configuration file and the environment say of a module by now. @throws PorticoError */
  reload(module: GatewayModule): Promise<void> {
    return this.#change(module, []);
  }

  /** Whether it runs from now on, also after a restart of the hub. @throws PorticoError */
  enable(module: GatewayModule, enable: boolean): Promise<void> {
    return this.#change(module, [{ path: ['gateways', module.name, 'enable'], value: enable }]);
  }

  /**
   * Gives keys of a module, or those that are adjustable, other values, or takes such changes back.
   * @throws PorticoError, also where a key can only be changed in the file
   */
  change(changes: readonly ConfigChange[]): Promise<void> {
    const [first] = changes;
    const subject = this.#subjectOf(first?.path ?? []);
    const others = changes.filter(({ path }) => this.#subjectOf(path) !== subject);
    if (others.length > 0) throw new PorticoError('PORTICO_ERR_MODULE', 'the keys are of several modules');
    return this.#change(subject, changes);
  }

  /** Whether a listener is open from now on, also after a restart of the hub. @throws PorticoError */
  enableListener({ module, status }: ListenerOfModule, enable: boolean): Promise<void> {
    return this.#change(module, [{ path: [...listenerPath(status.name), 'enable'], value: enable }]);
  }

  /**
   * Adds a listener. @param name full name: `stomp:tcp:second` @param keys its section of the configuration
   * @throws PorticoError, also where there is one of that name
   */
  addListener(name: string, keys: Readonly<Record<string, unknown>>): Promise<void> {
    const module = this.#modules.get(name.split(':')[0] ?? '');
    if (module === undefined) throw new PorticoError('PORTICO_ERR_MODULE', `${name}: ${this.#noGateway()}`);
    if (module.listeners.some((status) => status.name === name)) {
      throw new PorticoError('PORTICO_ERR_MODULE', `${name}: there is a listener of that name`);
    }
    return this.#change(module, [{ path: listenerPath(name), value: keys }]);
  }

  /** Closes a listener that was added at run time, and forgets it. @throws PorticoError, also where it was not */
  async removeListener({ module, status }: ListenerOfModule): Promise<void> {
    const path = listenerPath(status.name);
    if (!(await this.#source.isAddition(path))) {
      const advice = 'it is in the configuration file, or there by default: stop it, or take it out there';
      throw new PorticoError('PORTICO_ERR_MODULE', `${status.name}: ${advice}`);
    }
    return this.#change(module, [{ path, value: undefined }]);
  }

  /** What a key is of. */
  #subjectOf(path: readonly string[]): GatewayModule | AdjustableKeys {
    const [section, name] = path;
    const module = section === 'gateways' ? this.#modules.get(name ?? '') : undefined;
    if (module !== undefined) return module;
    const { keys } = this.#adjustable;
    if (keys.some((key) => key.split('.').every((step, depth) => step === path[depth]))) {
      return this.#adjustable;
    }
    const key = formatPath(path.slice(0, 2));
    throw new PorticoError('PORTICO_ERR_MODULE', `${key}: ${this.#noSubjectAt(path)}`);
  }

  #noSubjectAt(path: readonly string[]): string {
    const [section = '', name] = path;
    if (this.#modules.has(section)) return `did you mean ${formatPath(['gateways', ...path])}?`;
    if (section === 'gateways' && name !== undefined) return this.#noGateway();
    const keys = ['gateways', ...this.#adjustable.keys].join(', ');
    return `only keys of ${keys} can be changed at run time; write others in the configuration file, and restart`;
  }

  #noGateway(): string {
    return `there is no such gateway; there are ${[...this.#modules.keys()].join(', ')}`;
  }

  #change(subject: GatewayModule | AdjustableKeys, changes: readonly ConfigChange[]): Promise<void> {
    const done = this.#last.then(() =>
      subject instanceof GatewayModule ? this.#make(subject, changes) : this.#adjust(subject, changes),
    );
    this.#last = done.catch(() => {});
    return done;
  }

  async #make(module: GatewayModule, changes: readonly ConfigChange[]): Promise<void> {
    const { config: before } = module;
    this.#demandListener(changes);
    const draft = await this.#source.draft(changes, module.name);
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

  async #adjust(adjustable: AdjustableKeys, changes: readonly ConfigChange[]): Promise<void> {
    const draft = await this.#source.draft(changes);
    await draft.keep();
    adjustable.adjust(draft.config);
  }
}

/** Whether a key below a module has another value in one configuration of it than in the other. */
function isPending(path: readonly string[], before: unknown, after: unknown): boolean {
  return !isDeepStrictEqual(valueAt(before, path), valueAt(after, path));
}

/** Path of a listener's section of the configuration. @param name full name */
function listenerPath(name: string): readonly string[] {
  const [gateway = '', type = '', ...id] = name.split(':');
  return ['gateways', gateway, 'listeners', type, id.join(':')];
}
