import {
  checkLedger,
  type LedgerCheck,
  type LedgerFault,
  type LedgerFaultKind,
} from '../wallet/ledger-check.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { LedgerTransactionType } from './ledger-type.ts';

const LedgerFaultKindEnum = builder.enumType('LedgerFaultKind', {
  description: 'What can be wrong with the books. Constraints of the database keep each from happening.',
  values: {
    UNBALANCED: { description: 'The entries of a transaction do not add up to zero.' },
    BROKEN_CHAIN: { description: 'An entry does not follow the one before it.' },
    WRONG_BALANCE: { description: 'An account does not have what its entries add up to.' },
    WRONG_HOLDS: { description: 'A wallet does not count what its holds claim.' },
    OVERDRAWN: { description: 'A wallet has less than its holds claim.' },
  } satisfies Record<LedgerFaultKind, { description: string }>,
});

const LedgerFaultType = builder.objectRef<LedgerFault>('LedgerFault').implement({
  description: 'Something wrong with the books.',
  fields: (t) => ({
    kind: t.expose('kind', { type: LedgerFaultKindEnum, description: 'What is wrong.' }),
    accountId: t.exposeString('accountId', {
      nullable: true,
      description: 'Which account of the database; null for a transaction.',
    }),
    transaction: t.field({
      type: LedgerTransactionType,
      nullable: true,
      description: 'Which transaction; null for an account.',
      resolve: ({ transactionId }) => transactionId,
    }),
    expected: t.field({
      type: 'BigInt',
      description: 'What it should be, in minor units.',
      resolve: ({ expectedMinor }) => expectedMinor,
    }),
    found: t.field({
      type: 'BigInt',
      description: 'What it is, in minor units.',
      resolve: ({ foundMinor }) => foundMinor,
    }),
  }),
});

const LedgerCheckType = builder.objectRef<LedgerCheck>('LedgerCheck').implement({
  description: 'What adding up all books of a venue gave.',
  fields: (t) => ({
    balanced: t.boolean({
      description: 'Whether nothing is wrong.',
      resolve: ({ faults }) => faults.length === 0,
    }),
    accounts: t.exposeInt('accounts', { description: 'How many accounts were added up.' }),
    entries: t.expose('entries', { type: 'BigInt', description: 'How many entries were.' }),
    faults: t.field({
      type: [LedgerFaultType],
      description: 'The first hundred things that are wrong.',
      resolve: ({ faults }) => [...faults],
    }),
    checkedAt: t.expose('checkedAt', { type: 'DateTime', description: 'When.' }),
  }),
});

builder.queryField('ledgerCheck', (t) =>
  t.field({
    type: LedgerCheckType,
    nullable: true,
    authScopes: { scope: 'WALLETS_READ' },
    description:
      'Adds up every transaction, every chain of entries, every balance and every hold of the venue: about a second for each million entries. For ADMIN, OPERATOR, AUDITOR and partners with WALLETS_READ (AUTH_004).',
    complexity: 200,
    resolve: (_root, _args, context) => checkLedger(context.read, venueIdOf(context)),
  }),
);
