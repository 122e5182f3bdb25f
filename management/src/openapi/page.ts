import type { JsonSchema, OpenApiDocument, Operation, Parameter } from './document.js';

/** Text for HTML. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? '');
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
h2 { margin: 2rem 0 .5rem }
details { border: 1px solid #8886; border-radius: .3rem; margin: .3rem 0; padding: .4rem .7rem }
summary { cursor: pointer }
code { font: 13px ui-monospace, monospace }
.GET { color: #2872b8 } .POST { color: #1f8a4c } .PUT { color: #b36b00 } .DELETE { color: #c0392b }
table { border-collapse: collapse; margin: .5rem 0 } td, th { text-align: left; padding: .1rem 1rem .1rem 0; vertical-align: top }
`;

interface Shown {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** A page for people that shows what a document describes. It needs nothing from elsewhere, and no script. */
export function apiPage(document: OpenApiDocument): string {
  const { title, version, description } = document.info;
  const groups = groupsOf(shownIn(document));
  const sections = [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([tag, all]) => section(tag, all));
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escaped(title)} ${escaped(version)}</h1>
<p>${escaped(description)} All paths are below <code>/api/v4</code>. The same for programs:
<a href="/api-docs/openapi.json">OpenAPI 3.1</a>.</p>
${sections.join('\n')}
</body>
</html>
`;
}

function shownIn({ paths }: OpenApiDocument): readonly Shown[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation,
    })),
  );
}

function groupsOf(all: readonly Shown[]): ReadonlyMap<string, readonly Shown[]> {
  const groups = new Map<string, Shown[]>();
  for (const shown of all) {
    const [tag] = shown.operation.tags;
    groups.set(tag, [...(groups.get(tag) ?? []), shown]);
  }
  return groups;
}

function section(tag: string, all: readonly Shown[]): string {
  return `<h2 id="${escaped(tag)}">${escaped(tag)}</h2>\n${all.map(endpoint).join('\n')}`;
}

function endpoint({ path, method, operation }: Shown): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json']?.schema;
  return `<details id="${escaped(operationId)}"><summary><code class="${method}">${method}</code> <code>${escaped(path)}</code> ${escaped(summary)}</summary>
${parameters.length === 0 ? '' : table('Parameters', parameters.map(parameterRow))}
${body === undefined ? '' : `${table('Body', fieldRows(body))}<pre><code>${escaped(JSON.stringify(body, undefined, 2))}</code></pre>`}
<p>Fails with ${failures(responses)}.</p>
</details>`;
}

/** HTTP statuses, each with the result codes that go with it. */
function failures(responses: Operation['responses']): string {
  const { 200: _, default: __, ...failing } = responses;
  return Object.entries(failing)
    .map(([status, { description }]) => `${status} (${escaped(description.toLowerCase())})`)
    .join(', ');
}

function table(title: string, rows: readonly string[]): string {
  return rows.length === 0
    ? ''
    : `<table><tr><th>${title}</th><th></th><th></th></tr>${rows.join('')}</table>`;
}

function parameterRow({ name, in: place, required, description = '', schema }: Parameter): string {
  return row(name, `${place}${required ? ', needed' : ''}`, description || kindOf(schema));
}

function fieldRows(schema: JsonSchema): readonly string[] {
  const needed = new Set(schema.required as readonly string[] | undefined);
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.entries(properties).map(([name, property]) =>
    row(name, `${kindOf(property)}${needed.has(name) ? ', needed' : ''}`, String(property.description ?? '')),
  );
}

function row(...cells: readonly [name: string, about: string, description: string]): string {
  const [name, about, description] = cells.map(escaped);
  return `<tr><td><code>${name}</code></td><td>${about}</td><td>${description}</td></tr>`;
}

function kindOf({ type, enum: values }: JsonSchema): string {
  if (Array.isArray(values)) return values.join(', ');
  return typeof type === 'string' ? type : '';
}
