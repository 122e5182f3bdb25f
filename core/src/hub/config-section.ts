/** Takes on what was made ready; it cannot fail. */
export type TakeOn = () => void;

/**
 * A section of the configuration beside those of gateways, changes of which a hub that runs takes on in two steps: what can
 * go wrong comes first, so that a change is made as a whole or not at all.
 */
export interface ConfigSection {
  /** Its key: `broker`. */
  readonly name: string;
  /** What the hub was started with. */
  readonly config: unknown;
  /**
   * Makes ready what a changed section asks for, such as files that it names. Keys that only a start reads have the values
   * that the hub runs by.
   * @param given paths that an operator gives a value just now, be it the one of before, or takes the change of back; none when
   * the configuration file is read anew
   * @throws PorticoError, or rejects with it, when that cannot be done; nothing has changed then
   */
  readonly prepare: (config: unknown, given: readonly (readonly string[])[]) => TakeOn | Promise<TakeOn>;
}

/** Makes a section of its key, its values at the start and what is done with later ones. */
export function configSection<Config>(
  name: string,
  config: Config,
  prepare: (config: Config, given: readonly (readonly string[])[]) => TakeOn | Promise<TakeOn>,
): ConfigSection {
  // What it is given has been checked by the schema of the section.
  return { name, config, prepare: (changed, given) => prepare(changed as Config, given) };
}

/** A section of which only a start reads anything. */
export function fixedSection(name: string, config: unknown): ConfigSection {
  return { name, config, prepare: () => () => {} };
}
