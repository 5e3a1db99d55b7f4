/** What was heard at an address of a line where no machine is registered. */
export interface DiscoveredAddress extends StrangerIdentity {
  readonly venueId: string;
  readonly lineId: string;
  /** 1–127. */
  readonly address: number;
  readonly firstHeardAt: Date;
  readonly lastHeardAt: Date;
  /** When it last answered a search; null while it only chirps. */
  readonly answeredAt: Date | null;
  /** Since when searches get no answer from it. */
  readonly missedAt: Date | null;
  /** The one machine of the venue that tells the same serial number. */
  readonly knownMachineId: string | null;
}

/** What it says of itself (polls 54 and 1F); null where it does not know the poll, or nobody asked. */
export interface StrangerIdentity {
  /** `602` is SAS 6.02. */
  readonly sasVersion: string | null;
  readonly serialNumber: string | null;
  /** Two letters of the maker. */
  readonly gameId: string | null;
  readonly additionalId: string | null;
  /** Accounting denomination code (SAS.md 7.1). */
  readonly denominationCode: number | null;
  readonly paytableId: string | null;
}

/** A machine was heard at an address that is not polled: it answered a search, or says that it hears nobody. */
export interface Sighting extends StrangerIdentity {
  readonly address: number;
  readonly by: 'SCAN' | 'CHIRP';
}

export const identityOf = (said: StrangerIdentity): StrangerIdentity => ({
  sasVersion: said.sasVersion,
  serialNumber: said.serialNumber,
  gameId: said.gameId,
  additionalId: said.additionalId,
  denominationCode: said.denominationCode,
  paytableId: said.paytableId,
});

export const saysNothing = (said: StrangerIdentity): boolean =>
  Object.values(identityOf(said)).every((value) => value === null);

export const saysTheSame = (one: StrangerIdentity, other: StrangerIdentity): boolean =>
  JSON.stringify(identityOf(one)) === JSON.stringify(identityOf(other));
