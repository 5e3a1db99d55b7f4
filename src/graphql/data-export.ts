import { chooseExporters, type DataExporter, exportData } from '../auth/data-export.ts';
import { ValidationError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { signedInUser } from './caller.ts';
import './domain-errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

declare module './context.ts' {
  interface Services {
    /** What each domain tells a person of what it keeps about him. */
    readonly exporters: readonly DataExporter[];
  }
}

interface DataExport {
  readonly sections: Readonly<Record<string, unknown>>;
  readonly exportedAt: Date;
}

const ExportMyDataSuccessType = builder.objectRef<DataExport>('ExportMyDataSuccess').implement({
  description: 'What is kept about the caller.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: () => 'This is what is kept about you.',
    }),
    exportedAt: t.expose('exportedAt', { type: 'DateTime', description: 'When it was read.' }),
    sections: t.stringList({
      description: 'The sections of `data`, one for each kind of thing. Later versions may have more.',
      resolve: ({ sections }) => Object.keys(sections),
    }),
    data: t.field({
      type: 'JSON',
      description:
        'An object with a field for each section: the account, roles with their grants, sessions, the second factor, what is on record of what he did (`auditRecord`), and of what others did about him, or who had not signed in yet (`auditRecordOfOthers`: without who and from where, and without their reasons in words), his wallets with their entries and holds, what he asked of machines, and transfers with machines that concern his wallets or were his to order or to resolve, and what else `sections` names; at every venue, of each at most the newest 10 000. Times are RFC 3339 in UTC, ids the UUIDs of the database. Passwords, codes and tokens are not in it: they are kept as what cannot be turned back.',
      resolve: ({ sections }) => sections,
    }),
  }),
});

const ExportMyDataInput = builder.inputType('ExportMyDataInput', {
  description: 'What is to be told.',
  fields: (t) => ({
    sections: t.stringList({
      description:
        'Only these sections, at least one (ValidationError); all of them by default. One there is not gives ValidationError.',
    }),
  }),
});

builder.mutationField('exportMyData', (t) =>
  t.field({
    type: ExportMyDataSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    description:
      'Tells the caller what is kept about him, as `data` says, and puts on record that he asked. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({ type: ExportMyDataInput, description: 'What is to be told; every section by default.' }),
    },
    errors: { types: [ValidationError], directResult: true },
    resolve: async (_root, { input }, { runWork, actor, exporters }) => {
      const user = signedInUser(actor);
      const chosen = chooseExporters(exporters, input?.sections ?? null);
      return await runWork(user, async (work) => ({
        sections: await exportData(work, user, chosen),
        exportedAt: work.now,
      }));
    },
  }),
);
