/** Poll 73: the key a machine and a host share (SAS.md 10.1). */
import { type CodeIn, coded } from '../coded.ts';
import { SasDecodeError } from '../decode-error.ts';
import { codesOf, type Field, record, restOf } from '../fields.ts';
import { answeredPoll, prefixed } from '../long-poll.ts';
import { binary } from '../number-fields.ts';
import { registrationKey } from './aft-fields.ts';

const registration = {
  assetNumber: binary(4),
  registrationKey,
  posId: binary(4),
};

export const REGISTRATION_CODES = {
  INITIALISE: 0x00,
  REGISTER: 0x01,
  ASK_OPERATOR: 0x40,
  UNREGISTER: 0x80,
} as const;

export const REGISTRATION_STATUSES = {
  READY: 0x00,
  REGISTERED: 0x01,
  WAITING_FOR_OPERATOR: 0x40,
  NOT_REGISTERED: 0x80,
} as const;

export type AftRegistration =
  | { readonly code: 'READ' }
  | {
      readonly code: CodeIn<typeof REGISTRATION_CODES>;
      readonly assetNumber: number;
      readonly registrationKey: Uint8Array;
      readonly posId: number;
    };

const code = coded({ READ: 0xff, ...REGISTRATION_CODES });
const fields = record(registration);

const request: Field<AftRegistration> = {
  size: null,
  read(cursor) {
    const kind = code.read(cursor);
    if (kind !== 'READ') return { code: kind, ...fields.read(cursor) };
    if (restOf(cursor) > 0) throw new SasDecodeError('a read with a registration');
    return { code: kind };
  },
  write(value, out) {
    code.write(value.code, out);
    if (value.code !== 'READ') fields.write(value, out);
  },
  notation: () => `code:1 [${fields.notation('')}]`,
  codes: () => codesOf({ code }),
};

export const AFT_REGISTRATION = answeredPoll(0x73, 'AFT_REGISTRATION', {
  chapter: '10.1',
  summary: 'Register for AFT, or read the registration',
  request: prefixed(request),
  answer: prefixed(record({ status: coded(REGISTRATION_STATUSES), ...registration })),
});
