import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ChangeEffect,
  type ConfigChange,
  type ConfigDraft,
  type ConfigProblem,
  type ConfigSourceOfHub,
  FileReading,
  formatPath,
  formatProblem,
  formatSource,
  isSettings,
  type KeyPath,
  loadConfig,
  overridesText,
  PorticoError,
  readConfigFile,
  readOverrides,
  type Settings,
  schemaTree,
} from '@portico/core';
import { changeEffect } from './change-effects.js';
import { configSchema, type PorticoConfig, RESERVED_KEYS } from './config-schema.js';
import { overridesFile, readOverridesFile, writeOverridesFile } from './overrides-file.js';
import { defaultConfigFile } from './paths.js';

/** What the configuration file said when it was last read. */
interface LastReading {
  readonly text: string;
  readonly reading: FileReading;
}

/**
 * The configuration of a hub that runs: file, changes at run time, environment. Changes are kept in `node.data_dir`. Nothing
 * of it holds up the messages: the file is read anew where it differs, and otherwise only what depends on the change.
 */
export class RuntimeConfig implements ConfigSourceOfHub {
  readonly #file: string | undefined;
  readonly #env: NodeJS.ProcessEnv;
  readonly #overrides: string;
  #last: LastReading | undefined;

  /**
   * @param file as given with `-c`
   * @param dataDir `node.data_dir`
   */
  constructor(file: string | undefined, env: NodeJS.ProcessEnv, dataDir: string) {
    this.#file = file ?? defaultConfigFile();
    this.#env = env;
    this.#overrides = overridesFile(dataDir);
  }

  async draft(
    changes: readonly ConfigChange[],
    section?: readonly string[],
  ): Promise<ConfigDraft<PorticoConfig>> {
    const settings = this.#kept();
    for (const { path, value } of changes) {
      requireKeys(path);
      requireFlat(path, value);
      if (value !== undefined) set(settings, path, value);
      else if (!unset(settings, path)) throw notChanged(path);
    }
    const loaded = await this.#loadFor(section, settings);
    if (!loaded.ok) throw wrong(loaded.problems);
    for (const { path, value } of changes) {
      const source = value === undefined ? undefined : loaded.overruling(path, value);
      if (source === undefined) continue;
      const why = `${formatSource(source)} in the environment says what it is, and takes precedence`;
      throw new PorticoError('PORTICO_ERR_MODULE', `${formatPath(path)}: ${why}`);
    }
    const keep = async () => {
      if (changes.length > 0) await writeOverridesFile(this.#overrides, settings);
    };
    return { config: loaded.config, values: () => loaded.values(), keep };
  }

  async isAddition(path: readonly string[]): Promise<boolean> {
    const without = await this.#load({});
    return (
      !without.ok || !without.values().some((value) => path.every((key, depth) => value.path[depth] === key))
    );
  }

  effectOf(path: readonly string[]): ChangeEffect {
    return changeEffect(path);
  }

  /** @throws PorticoError `PORTICO_ERR_CONFIG` when the file is not as it must be: it is not to be written over */
  #kept(): Settings {
    const kept = readOverridesFile(this.#overrides);
    if (kept === undefined) return {};
    const { settings, findings } = readOverrides(kept, schemaTree(configSchema), RESERVED_KEYS);
    if (findings.problems.length > 0) throw configError(findings.problems);
    return settings;
  }

  /** Without what is wrong elsewhere and was so before, if nothing else is wrong. */
  async #loadFor(section: readonly string[] | undefined, settings: Settings) {
    const loaded = await this.#load(settings);
    if (loaded.ok || section === undefined) return loaded;
    const before = await this.#load(this.#kept());
    const known = before.ok ? [] : before.problems.map(withoutPlace);
    const waits = (problem: ConfigProblem) =>
      isElsewhere(problem, section) && known.includes(withoutPlace(problem));
    if (!loaded.problems.every(waits)) return loaded;
    const rest = await this.#load(
      settings,
      loaded.problems.map(({ path }) => path),
    );
    return rest.ok ? rest : loaded;
  }

  /**
   * @param settings what is taken for changed at run time, in place of what is kept
   * @param leaveOut see `ConfigInput.leaveOut`
   */
  async #load(settings: Settings, leaveOut: readonly KeyPath[] = []) {
    const reading = await this.#reading();
    await nextTurn();
    const overrides = { file: this.#overrides, text: overridesText(settings) };
    return loadConfig({
      schema: configSchema,
      reading,
      env: this.#env,
      reserved: RESERVED_KEYS,
      overrides,
      leaveOut,
    });
  }

  async #reading(): Promise<FileReading> {
    const file = this.#file;
    const text = file === undefined ? '' : readConfigFile(file);
    if (this.#last?.text === text) return this.#last.reading;
    const reading = await FileReading.inTurns({ schema: configSchema, reserved: RESERVED_KEYS, file, text });
    this.#last = { text, reading };
    return reading;
  }
}

/** Whether it is in no way about a section. */
function isElsewhere({ path: [section, name] }: ConfigProblem, [own, gateway]: readonly string[]): boolean {
  if (section === undefined) return false;
  if (section !== 'gateways' || own !== 'gateways') return section !== own;
  return name !== undefined && name !== gateway;
}

/** Changes move what stands in the file of changes. */
function withoutPlace({ path, reason }: ConfigProblem): string {
  return `${formatPath(path)}: ${reason}`;
}

/** What is wrong in a change stands nowhere yet. */
function wrong(problems: readonly ConfigProblem[]): PorticoError {
  return configError(
    problems.map((problem) =>
      problem.source?.kind === 'runtime' ? { ...problem, source: undefined } : problem,
    ),
  );
}

function configError(problems: readonly ConfigProblem[]): PorticoError {
  return new PorticoError('PORTICO_ERR_CONFIG', problems.map(formatProblem).join('; '));
}

/** What objects of JavaScript cannot simply have as a key: what is set there would be a key of all objects. */
const NO_KEY = '__proto__';

/** @throws PorticoError when a step cannot be a key */
function requireKeys(path: readonly string[]): void {
  if (!path.includes(NO_KEY)) return;
  throw new PorticoError('PORTICO_ERR_CONFIG', `${formatPath(path)}: ${NO_KEY} cannot be a key`);
}

/** Levels of sections and lists: more than the configuration has anywhere, and few enough to be gone through. */
const MAX_DEPTH = 20;

/** @throws PorticoError when a path, or a value at it, leads deeper than anything that the configuration has */
function requireFlat(path: readonly string[], value: unknown): void {
  let level = [value];
  for (let depth = path.length; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      const key = formatPath(path.slice(0, MAX_DEPTH));
      throw new PorticoError('PORTICO_ERR_CONFIG', `${key}: what stands there is nested too deep`);
    }
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
}

function set(settings: Settings, path: readonly string[], value: unknown): void {
  const [key, ...below] = path;
  if (key === undefined) return;
  if (below.length === 0) settings[key] = value;
  else {
    const section = Object.hasOwn(settings, key) ? settings[key] : undefined;
    const within = isSettings(section) ? section : {};
    settings[key] = within;
    set(within, below, value);
  }
}

/** Sections that are empty then go with it. @returns whether there was something */
function unset(settings: Settings, path: readonly string[]): boolean {
  const [key, ...below] = path;
  if (key === undefined || !Object.hasOwn(settings, key)) return false;
  const section = settings[key];
  const isFound = below.length === 0 || (isSettings(section) && unset(section, below));
  const isEmpty = isSettings(section) && Object.keys(section).length === 0;
  if (isFound && (below.length === 0 || isEmpty)) delete settings[key];
  return isFound;
}

function notChanged(path: readonly string[]): PorticoError {
  return new PorticoError('PORTICO_ERR_MODULE', `${formatPath(path)}: it was not changed at run time`);
}
