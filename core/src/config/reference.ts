import { expectation } from './expectation.js';
import {
  ANYTHING,
  alternatives,
  childOf,
  fixedKeys,
  itemOf,
  type SchemaNode,
  takesAnyKey,
} from './schema-tree.js';

/**
 * The reference of a configuration in Markdown: a heading for every section, with a table of its keys.
 * Sections with the same keys as an earlier one refer to it.
 * @param effectOf when a change of a key holds, as the column `applies` is to say; there is none without
 */
export function configReference(tree: SchemaNode, effectOf?: (path: readonly string[]) => string): string {
  const reference = new Reference(effectOf);
  for (const section of sectionsBelow('', tree)) reference.add(section);
  return reference.toString();
}

/** A section and where it stands: `access.users[]`, `gateways.tcp.listeners.tcp.<id>`. */
interface Section {
  readonly path: string;
  readonly node: SchemaNode;
  readonly description: string | undefined;
}

class Reference {
  readonly #blocks: string[] = [];
  /** Path of the first section with the same contents. */
  readonly #written = new Map<string, string>();
  readonly #open = new Set<SchemaNode>();
  readonly #effectOf: ((path: readonly string[]) => string) | undefined;

  constructor(effectOf: ((path: readonly string[]) => string) | undefined) {
    this.#effectOf = effectOf;
  }

  /** Adds a section and all below it; a section that contains itself ends there. */
  add(section: Section): void {
    const { path, node, description } = section;
    if (this.#open.has(node)) return;
    const table = this.#tableOf(path, node);
    const below = sectionsBelow(`${path}.`, node);
    const contents = [table, ...below.map((inner) => inner.path.slice(path.length))].join('\n');
    const same = this.#written.get(contents);
    if (table !== '' || !path.includes('.')) {
      const keys = same === undefined ? table : `The same keys as [\`${same}\`](#${anchor(same)}).`;
      this.#blocks.push(heading(path), sentence(description), keys);
    }
    if (same !== undefined) return;
    if (table !== '') this.#written.set(contents, path);
    this.#open.add(node);
    for (const inner of below) this.add(inner);
    this.#open.delete(node);
  }

  /** A row for every key but those that are nothing but a section of which more is said. */
  #tableOf(path: string, node: SchemaNode): string {
    const effectOf = this.#effectOf;
    const section = path.replaceAll('[]', '').split('.');
    const rows = keysOf(node)
      .filter(([, child]) => isTold(child))
      .map(([key, child]) => [
        ...cellsOf(key, child, node),
        ...(effectOf ? [effectOf([...section, key])] : []),
      ]);
    if (rows.length === 0) return '';
    const headings = ['key', 'value', 'default', 'meaning', ...(effectOf ? ['applies'] : [])];
    return [headings, headings.map(() => '---'), ...rows].map(row).join('\n');
  }

  toString(): string {
    return `${this.#blocks.filter((block) => block !== '').join('\n\n')}\n`;
  }
}

/** The sections that begin at the keys of a section. */
function sectionsBelow(prefix: string, node: SchemaNode): Section[] {
  return keysOf(node).flatMap(([key, child]) => sectionsAt(`${prefix}${key}`, child, child.description));
}

/**
 * The sections that may be written at one place: directly, under names of the operator's choice, or in a list.
 * Where the place has a title, that says what may be written.
 */
function sectionsAt(path: string, node: SchemaNode, description?: string): Section[] {
  if (node.title !== undefined) return [];
  return alternatives(node).flatMap((form): Section[] => {
    if (form.properties !== undefined) return [{ path, node: form, description }];
    if (takesAnyKey(form)) return sectionsAt(`${path}.<id>`, childOf(form, '') ?? ANYTHING, description);
    return form.items === undefined ? [] : sectionsAt(`${path}[]`, form.items);
  });
}

function keysOf(node: SchemaNode): [string, SchemaNode][] {
  return fixedKeys(node).map((key) => [key, childOf(node, key) ?? ANYTHING]);
}

function isTold(node: SchemaNode): boolean {
  return node.title !== undefined || !alternatives(node).every(({ type }) => type === 'object');
}

/** What is said of a key of a section. */
function cellsOf(key: string, child: SchemaNode, section: SchemaNode): readonly string[] {
  const fallback = child.default === undefined ? '' : code(child.default);
  const isRequired = fallback === '' && (section.required?.includes(key) ?? false);
  return [code(key), kindOf(child), isRequired ? 'required' : fallback, sentence(child.description)];
}

function kindOf(node: SchemaNode): string {
  if (node.title !== undefined) return node.title;
  if (sectionsAt('', node).length === 0) return expectation(node);
  const kinds = alternatives(node).map((form) => {
    if (form.type === 'object') return 'a section, see below';
    return form.type === 'array' ? `a list, each ${kindOf(itemOf(form))}` : expectation(form);
  });
  return [...new Set(kinds)].join(' or ');
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' && value !== '' ? value : JSON.stringify(value)}\``;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function heading(path: string): string {
  return `${path.includes('.') ? '###' : '##'} \`${path}\``;
}

/** The anchor that GitHub and others give a heading. */
function anchor(path: string): string {
  return path.toLowerCase().replaceAll(/[^\w-]/g, '');
}

/** Descriptions are written as part of a line; on a page of their own they begin in capitals. */
function sentence(description = ''): string {
  return description.charAt(0).toUpperCase() + description.slice(1);
}
