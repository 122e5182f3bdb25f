import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ObjectXmlError } from './object-xml-error.js';

/** Longest text taken, in UTF-16 code units. The longest file of the OMA registry has 34,000. */
export const MAX_XML_LENGTH = 1024 * 1024;
/** How deep elements may be nested; object definition files need five. */
const MAX_DEPTH = 16;

/** One element, with what it holds. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Child elements, in their order. */
  readonly elements: readonly XmlElement[];
  /** The text directly inside, CDATA sections included, entities replaced. */
  readonly text: string;
  /** Where its start tag begins, counted from 1. */
  readonly line: number;
}

const TEXT = '#text';
const ATTRIBUTES = ':@';
/** The library's key for where a node begins; its type is said to be the wrapper object. */
const POSITION = XMLParser.getMetaDataSymbol() as symbol;
const DOCUMENT_TYPE = '<!DOCTYPE';

/** One node as the library gives it when it keeps the order: one key is its name, the others are as above. */
type RawNode = Readonly<Record<string | symbol, unknown>>;

/** Code units before the start tag. */
interface Position {
  readonly startIndex: number;
}

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
  // Without it character references stay as they are.
  htmlEntities: true,
  processEntities: { maxExpandedLength: MAX_XML_LENGTH },
});

/**
 * Reads an XML document. A document type declaration is refused, even one in a comment, and with it all entities
 * that a file would define: object definition files have none, and whoever nests some means harm.
 * @throws ObjectXmlError
 */
export function parseXml(text: string): XmlElement {
  if (text.length > MAX_XML_LENGTH) {
    throw new ObjectXmlError(1, `the file is longer than ${MAX_XML_LENGTH} characters`);
  }
  const xml = text.startsWith('\uFEFF') ? text.slice(1) : text;
  refuseDocumentType(xml);
  refuseMalformed(xml);
  const root = new TreeBuilder(xml).elements(parseWellFormed(xml))[0];
  if (root === undefined) throw new ObjectXmlError(1, 'there is no element');
  return root;
}

function refuseDocumentType(xml: string): void {
  const index = xml.indexOf(DOCUMENT_TYPE);
  if (index < 0) return;
  throw new ObjectXmlError(lineCount(xml.slice(0, index)), 'a document type declaration is not allowed');
}

function refuseMalformed(xml: string): void {
  const result = XMLValidator.validate(xml);
  if (result === true) return;
  const { msg, line, col } = result.err;
  // Of a file that was cut off, the validator tells only a list of what is open.
  const cutOff = line === 1 && col === 1 && msg.startsWith("Invalid '[");
  if (cutOff) throw new ObjectXmlError(lineCount(xml), 'the file ends before its elements are closed');
  throw new ObjectXmlError(line, `no well-formed XML: ${msg}`);
}

/** Parses what the validator has let pass; the parser alone checks the depth, and tells no line. */
function parseWellFormed(xml: string): readonly RawNode[] {
  try {
    return parser.parse(xml);
  } catch (error) {
    throw new ObjectXmlError(1, `no well-formed XML: ${error instanceof Error ? error.message : error}`);
  }
}

function lineCount(text: string): number {
  return text.split('\n').length;
}

/** Turns the library's nodes into elements, walking the text once to count lines: nodes come in their order. */
class TreeBuilder {
  readonly #xml: string;
  #index = 0;
  #line = 1;

  constructor(xml: string) {
    this.#xml = xml;
  }

  elements(nodes: readonly RawNode[]): XmlElement[] {
    return nodes.filter((node) => !(TEXT in node)).map((node) => this.#element(node));
  }

  #element(node: RawNode): XmlElement {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES) ?? '';
    const children = node[name] as readonly RawNode[];
    const line = this.#lineAt((node[POSITION] as Position).startIndex);
    return {
      name,
      attributes: (node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>,
      elements: this.elements(children),
      text: children.map((child) => child[TEXT] ?? '').join(''),
      line,
    };
  }

  #lineAt(index: number): number {
    for (; this.#index < index; this.#index += 1) {
      if (this.#xml.charCodeAt(this.#index) === 0x0a) this.#line += 1;
    }
    return this.#line;
  }
}
