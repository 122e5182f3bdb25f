import { Readable } from 'node:stream';
import { hashPassword, localTimeText, parsePasswordHash } from '@portico/core';
import { z } from 'zod';
import * as answers from '../answers.js';
import { applicationSecret } from '../config.js';
import { isDataFileName } from '../data-folder.js';
import { durable } from '../durable.js';
import { type ApiContext, checked, type Endpoint, endpoint } from '../endpoint.js';
import { ApiError } from '../result-codes.js';
import { settingsShape } from './apps.js';
import { banOf, banRow, banSchema } from './bans.js';

const filename = z
  .string()
  .refine(isDataFileName, 'a name of letters, digits, _ . and - that ends in .json')
  .describe('name of the file');

const fileParams = z.object({ filename });

/** Exports of the reference have secrets as they are, ours have hashes. */
function isHash(secret: string): boolean {
  return secret.startsWith('$');
}

/** What an export has; what is not there is left as it is, and what there is not here is left out. */
const documentSchema = z.looseObject({
  version: z.string(),
  date: z.string().optional(),
  blacklist: z.array(banSchema).max(100_000).default([]),
  apps: z
    .array(
      z.object({
        id: z.string().regex(/^[\w.-]{1,64}$/),
        ...settingsShape,
        expired: settingsShape.expired.optional(),
        secret: applicationSecret().refine(
          (secret) => !isHash(secret) || !('error' in parsePasswordHash(secret)),
          'a secret, or the hash of one',
        ),
      }),
    )
    .max(1000)
    .default([]),
});

type ExportDocument = z.output<typeof documentSchema>;

function exportText({ hub, applications, version }: ApiContext): string {
  const date = localTimeText(new Date(hub.engine.clock.now()));
  const blacklist = [...hub.engine.bans.list()].map(banRow);
  const apps = applications.kept().map(({ id, settings, hash }) => {
    const { name, desc, status, expired = 'undefined' } = settings;
    return { id, name, desc, status, expired, secret: hash };
  });
  return JSON.stringify({ version, date, blacklist, apps });
}

function exportName(now: number): string {
  return `portico-export-${localTimeText(new Date(now)).replaceAll(/[ :]/g, '-')}.json`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('not_json', 'the file is not JSON');
  }
}

/** Parts of exports of the reference have something in them, or nothing. */
function isEmpty(part: unknown): boolean {
  return part === null || (typeof part === 'object' && Object.keys(part).length === 0);
}

/** What is left out of a document: parts that there are not, bans that are over, applications of the configuration. */
function leftOut({ hub, applications }: ApiContext, document: ExportDocument): string[] {
  const now = hub.engine.clock.now();
  const parts = Object.keys(document).filter(
    (name) => !Object.hasOwn(documentSchema.shape, name) && !isEmpty(document[name]),
  );
  const over = document.blacklist.filter((ban) => banOf(ban, now).until <= now).length;
  const own = document.apps.filter(({ id }) => applications.isOwn(id));
  const isBare = document.blacklist.length === 0 && document.apps.length === 0;
  return [
    ...(isBare ? ['nothing is taken in: there are no bans and no applications in it'] : []),
    ...(parts.length > 0 ? [`left out, there is nothing like it here: ${parts.join(', ')}`] : []),
    ...(over > 0 ? [`blacklist: ${over} left out, which are over`] : []),
    ...own.map(({ id }) => `apps: ${id} left out, the configuration says what this one may do`),
  ];
}

/** What {@link leftOut} tells of is left out. */
async function importDocument({ hub, applications }: ApiContext, document: ExportDocument): Promise<void> {
  const { engine } = hub;
  const now = engine.clock.now();
  for (const ban of document.blacklist.map((entry) => banOf(entry, now))) {
    if (ban.until > now && engine.ban(ban) === undefined)
      throw new ApiError('parameter_invalid', 'blacklist: there are too many bans');
  }
  for (const { id, secret, ...settings } of document.apps) {
    if (applications.isOwn(id)) continue;
    applications.restore(id, isHash(secret) ? secret : await hashPassword(secret), settings);
  }
  await durable(engine.store);
}

/** What the hub was told at run time, to be kept elsewhere or taken to another hub: `data` of the API. */
export const dataEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/data/export',
    name: 'list_exported',
    descr: 'List exports',
    data: z.array(answers.exportRow),
    handle: async ({ dataFolder }) => ({ data: await dataFolder.list() }),
  }),
  endpoint({
    method: 'POST',
    path: '/data/export',
    name: 'export',
    descr: 'Write bans and applications into a file',
    data: answers.exportRow,
    handle: async (context) => ({
      data: await context.dataFolder.write(exportName(context.hub.engine.clock.now()), exportText(context)),
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/data/import',
    name: 'import',
    descr: 'Take in what a file has, or the body where it is what a file would have',
    failures: ['not_found'],
    body: z.union([z.object({ filename }), documentSchema], 'a filename, or what an export has'),
    warns: true,
    async handle(context, { body }) {
      const document =
        'version' in body
          ? body
          : checked(documentSchema, parsed(await context.dataFolder.read(body.filename)));
      await importDocument(context, document);
      return { warnings: leftOut(context, document) };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/data/file/:filename',
    name: 'download_file',
    descr: 'Show a file, as it is',
    failures: ['parameter_invalid', 'not_found'],
    whole: answers.exportFile,
    params: fileParams,
    async handle({ dataFolder }, { params }) {
      const file = parsed(await dataFolder.read(params.filename));
      return Readable.from([JSON.stringify({ filename: params.filename, file })]);
    },
  }),
  endpoint({
    method: 'POST',
    path: '/data/file',
    name: 'upload_file',
    descr: 'Put a file beside the exports, to be imported',
    body: z.strictObject({
      filename,
      file: z
        .union([z.string(), z.record(z.string(), z.unknown())])
        .describe('what it has: an object, or its JSON text'),
    }),
    audit: ['filename'],
    async handle({ dataFolder }, { body: { filename: name, file } }) {
      const document = typeof file === 'string' ? parsed(file) : file;
      checked(documentSchema, document);
      await dataFolder.write(name, JSON.stringify(document));
      return {};
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/data/file/:filename',
    name: 'delete_file',
    descr: 'Delete a file',
    failures: ['parameter_invalid', 'not_found'],
    params: fileParams,
    async handle({ dataFolder }, { params }) {
      await dataFolder.remove(params.filename);
      return {};
    },
  }),
];
