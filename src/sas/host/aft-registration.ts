/** The key that a machine and its host share for debit transfers (SAS.md 10.1). */
import type { CodeIn } from '../codec/coded.ts';
import {
  AFT_REGISTRATION,
  type AftRegistration,
  type REGISTRATION_STATUSES,
} from '../codec/long-polls/aft-registration.ts';
import type { AftLine, AftOrder, NoAnswer } from './aft-commands.ts';

/** In-house and bonus transfers need none; but once a machine has a key, every transfer carries it. */
export const needsRegistration = ({ type }: Pick<AftOrder, 'type'>): boolean =>
  type === 'DEBIT_TO_MACHINE' || type === 'DEBIT_TO_TICKET';

export interface Registration {
  /** As the machine tells it by poll 74. */
  readonly assetNumber: number;
  /** 20 bytes, a secret. */
  readonly registrationKey: Uint8Array;
  readonly posId: number;
  /** OPERATOR where the machine wants somebody to agree at its door; HOST, the default, registers by itself. */
  readonly by?: 'HOST' | 'OPERATOR';
}

export type RegistrationResult =
  | {
      readonly kind: 'STATUS';
      /** REGISTERED is done; WAITING_FOR_OPERATOR is to be asked again after exception 6D; any other is a refusal. */
      readonly status: CodeIn<typeof REGISTRATION_STATUSES>;
    }
  | NoAnswer;

/** Registers, unless the machine is registered just so. @throws RangeError for a machine without an asset number */
export async function registerAft(
  line: AftLine,
  address: number,
  { assetNumber, registrationKey, posId, by = 'HOST' }: Registration,
): Promise<RegistrationResult> {
  if (assetNumber === 0) throw new RangeError('a machine without an asset number cannot be registered');
  const wanted = { assetNumber, registrationKey, posId };
  const found = await line.execute(address, AFT_REGISTRATION, { code: 'READ' });
  if (!('answer' in found)) return noAnswer(found);
  const { status } = found.answer;
  if (status === 'REGISTERED' && isSame(found.answer, wanted)) return { kind: 'STATUS', status };
  if (by === 'OPERATOR' && status !== 'READY') {
    return status === 'WAITING_FOR_OPERATOR'
      ? { kind: 'STATUS', status }
      : await change(line, address, { code: 'ASK_OPERATOR', ...wanted });
  }
  if (status !== 'READY') {
    const begun = await change(line, address, { code: 'INITIALISE', ...wanted });
    if (begun.kind === 'NO_ANSWER' || begun.status !== 'READY') return begun;
  }
  return await change(line, address, { code: 'REGISTER', ...wanted });
}

/** Ends the registration: NOT_REGISTERED. */
export const unregisterAft = (
  line: AftLine,
  address: number,
  { assetNumber }: Pick<Registration, 'assetNumber'>,
): Promise<RegistrationResult> =>
  change(line, address, { code: 'UNREGISTER', assetNumber, registrationKey: NO_KEY, posId: 0 });

const NO_KEY = new Uint8Array(20);

async function change(line: AftLine, address: number, request: AftRegistration): Promise<RegistrationResult> {
  const result = await line.execute(address, AFT_REGISTRATION, request);
  return 'answer' in result ? { kind: 'STATUS', status: result.answer.status } : noAnswer(result);
}

const noAnswer = ({
  outcome,
  attempts,
}: Omit<NoAnswer, 'kind' | 'failure'> & { outcome: NoAnswer['failure'] }) =>
  ({ kind: 'NO_ANSWER', failure: outcome, attempts }) as const;

type Shared = Omit<Registration, 'by'>;

const isSame = (one: Shared, other: Shared): boolean =>
  one.assetNumber === other.assetNumber &&
  one.posId === other.posId &&
  one.registrationKey.every((byte, at) => byte === other.registrationKey[at]);
