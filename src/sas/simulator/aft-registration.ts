/** The key a machine shares with its host (SAS.md 10.1). */
import { exceptionCode } from '../codec/exceptions.ts';
import type { AftRegistration } from '../codec/long-polls/aft-registration.ts';
import { hexDigits } from '../codec/text-fields.ts';
import { type AftState, NO_KEY } from './aft-state.ts';
import type { CabinetState } from './cabinet-state.ts';
import { raise, raiseFirst } from './exception-queue.ts';
import type { MachineSettings } from './machine-settings.ts';

type Change = Exclude<AftRegistration, { readonly code: 'READ' }>;

/** What the host wants of the registration; another machine's asset number changes nothing. */
export function registrationChanged(
  state: CabinetState,
  change: Change,
  { assetNumber }: MachineSettings,
): CabinetState {
  if (change.assetNumber !== assetNumber) return state;
  const before = state.aft.registration;
  const registered = { key: hexDigits(change.registrationKey), posId: change.posId };
  if (change.code === 'INITIALISE') return withRegistration(state, { ...before, status: 'READY' });
  if (change.code === 'ASK_OPERATOR') {
    return withRegistration(state, { ...registered, status: 'WAITING_FOR_OPERATOR' });
  }
  if (change.code === 'UNREGISTER') {
    return withRegistration(state, { status: 'NOT_REGISTERED', key: NO_KEY, posId: 0 });
  }
  const isReady = before.status === 'READY' || before.status === 'REGISTERED';
  if (change.code !== 'REGISTER' || !isReady) return state;
  return withRegistration(state, { ...registered, status: 'REGISTERED' });
}

const withRegistration = (state: CabinetState, registration: AftState['registration']): CabinetState => ({
  ...state,
  aft: { ...state.aft, registration },
});

/** The operator asks the host to register the machine: 6C. */
export const registrationRequested = (state: CabinetState): CabinetState =>
  raiseFirst(state, exceptionCode('AFT_REGISTRATION_REQUESTED'));

/** The operator agrees to what the host asked for: 6D, and the host may register. */
export function registrationAcknowledged(state: CabinetState): CabinetState {
  const { registration } = state.aft;
  if (registration.status !== 'WAITING_FOR_OPERATOR') return state;
  const ready = withRegistration(state, { ...registration, status: 'READY' });
  return raiseFirst(ready, exceptionCode('AFT_REGISTRATION_ACKNOWLEDGED'));
}

/** The operator does not: 6E. */
export function registrationCancelled(state: CabinetState): CabinetState {
  if (state.aft.registration.status !== 'WAITING_FOR_OPERATOR') return state;
  const refused = withRegistration(state, { status: 'NOT_REGISTERED', key: NO_KEY, posId: 0 });
  return raise(refused, exceptionCode('AFT_REGISTRATION_CANCELLED'));
}
