import {
  formatPath,
  type Lwm2mPath,
  type Lwm2mValue,
  parsePath,
  type ResourceType,
  type TypedNode,
  typeOfValue,
  valueFromJson,
} from '@portico/codec-lwm2m';
import type { TypeSource } from '../commands/device-profile.js';
import type { TemplateConfig, TemplateValue } from './bootstrap-config.js';

/** Versions of LwM2M whose objects are looked at for the type of a resource, by that of its object. */
const VERSIONS = [undefined, '1.1', '1.2'];

/** An object instance that a device is to have. */
export interface BootstrapInstance {
  readonly path: Lwm2mPath;
  readonly nodes: readonly TypedNode[];
}

/** What is wrong with a template, or missing for a device. No secret is part of it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** What templates are filled with. */
export interface TemplateSources {
  readonly types: TypeSource;
  /** The key of an identity. */
  keyOf(identity: string): Buffer | undefined;
}

/** What devices are to be written, by the pattern of their endpoint names. */
export class Templates {
  readonly #templates: readonly { readonly pattern: RegExp; readonly write: TemplateConfig['write'] }[];
  readonly #sources: TemplateSources;

  constructor(templates: readonly TemplateConfig[], sources: TemplateSources) {
    this.#templates = templates.map(({ endpoints, write }) => ({ pattern: patternOf(endpoints), write }));
    this.#sources = sources;
  }

  /**
   * What a device is to be written; undefined where no template is for it.
   * @throws TemplateError where a value does not fit, or there is no key
   */
  fill(endpoint: string): BootstrapInstance[] | undefined {
    const template = this.#templates.find(({ pattern }) => pattern.test(endpoint));
    if (template === undefined) return undefined;
    return Object.entries(template.write).map(([text, resources]) => {
      const path = parsePath(text) ?? [];
      const nodes = Object.entries(resources).map(([id, value]) =>
        this.#node([...path, Number(id)], value, endpoint),
      );
      return { path, nodes };
    });
  }

  #node(path: Lwm2mPath, value: TemplateValue, endpoint: string): TypedNode {
    const filled = this.#value(path, value, endpoint);
    return { path, type: this.#typeOf(path) ?? typeOfValue(filled), value: filled };
  }

  #value(path: Lwm2mPath, value: TemplateValue, endpoint: string): Lwm2mValue {
    if (typeof value !== 'object') {
      const json = typeof value === 'string' ? named(value, endpoint) : value;
      const type = this.#typeOf(path);
      const read = type === undefined ? json : valueFromJson(type, json);
      if (read === undefined) throw new TemplateError(`${formatPath(path)} has to be of type ${type}`);
      return read;
    }
    if ('text' in value) return Buffer.from(named(value.text, endpoint));
    if ('secret' in value) return Buffer.from(value.secret, 'hex');
    const key = this.#sources.keyOf(named(value.key_of, endpoint));
    if (key === undefined) throw new TemplateError(`there is no key for ${formatPath(path)} in psk_file`);
    return key;
  }

  #typeOf(path: Lwm2mPath): ResourceType | undefined {
    for (const version of VERSIONS) {
      const shape = this.#sources.types.typeOf(path, version);
      if (shape !== undefined) return shape.type;
    }
    return undefined;
  }
}

function named(text: string, endpoint: string): string {
  return text.replaceAll('%e', () => endpoint);
}

function patternOf(endpoints: string): RegExp {
  const parts = endpoints.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
