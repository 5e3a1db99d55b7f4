import type { MachineIdentity } from '../../src/machine/machine.ts';

/** What a machine says of itself that tells nothing but this. */
export const anIdentity = (said: Partial<MachineIdentity>): MachineIdentity => ({
  serialNumber: null,
  sasVersion: '602',
  gameId: null,
  paytableId: null,
  basePercent: null,
  denominationCode: 1,
  additionalId: null,
  maxBet: null,
  numberOfGames: null,
  assetNumber: null,
  capabilities: null,
  enabledGames: null,
  selectedGame: null,
  enabledDenominations: null,
  ...said,
});
