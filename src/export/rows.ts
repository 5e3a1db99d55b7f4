import type { Transaction } from 'kysely';
import { listBookings } from '../booking/booking-store.ts';
import type { Database } from '../db/schema.ts';
import { listAuditEntries } from '../events/audit-store.ts';
import { listMachineEvents } from '../machine/machine-event-store.ts';
import { listMachineIds, listMeterReadings, type ReadingPlace } from '../machine/meter-reading-store.ts';
import { listSessions } from '../parking/session-store.ts';
import { findEntriesOf, listTransactions } from '../wallet/transaction-store.ts';
import type { BulkExportFilter, BulkExportKind } from './bulk-export.ts';
import { BATCH, pages } from './pages.ts';
import { slotRows } from './slot-rows.ts';

/** What rows are read of, and in which transaction: it sees one state of the database until its end. */
export interface RowsAsked {
  readonly tx: Transaction<Database>;
  readonly venueId: string;
  readonly filter: BulkExportFilter;
  readonly now: Date;
}

/** Some rows at a time, so that no more of them than these are in memory. */
export type Rows = AsyncGenerator<readonly object[]>;

/** Which rows a kind has: those of the list of that name, the oldest first. */
export const ROWS: Readonly<Record<BulkExportKind, (asked: RowsAsked) => Rows>> = {
  SLOTS: slotRows,
  BOOKINGS: bookingRows,
  LEDGER_ENTRIES: entryRows,
  MACHINE_EVENTS: machineEventRows,
  METER_READINGS: readingRows,
  PARKING_SESSIONS: sessionRows,
  AUDIT_ENTRIES: auditRows,
};

async function* bookingRows({ tx, venueId, filter: { from, to, resourceIds } }: RowsAsked): Rows {
  for (const resourceId of resourceIds ?? [null])
    yield* pages({
      load: (range) =>
        listBookings(tx, venueId, { filter: { userId: null, resourceId, statuses: null, from, to }, range }),
      placeOf: ({ startsAt, id }) => ({ at: startsAt, id }),
    });
}

async function* entryRows({ tx, venueId, filter: { from, to } }: RowsAsked): Rows {
  const filter = { venueId, walletId: null, userId: null, kinds: null, from, to };
  const transactions = pages({
    load: (range) => listTransactions(tx, filter, range),
    placeOf: ({ postedAt, id }) => ({ at: postedAt, id }),
  });
  for await (const page of transactions) {
    const ids = page.map(({ id }) => id);
    const entries = await findEntriesOf(tx, venueId, ids);
    // Those of one transaction stay together, in the order of transactions.
    const placeOf = new Map(ids.map((id, at) => [id, at]));
    const order = (id: string) => placeOf.get(id) ?? 0;
    yield [...entries].sort((a, b) => order(a.transactionId) - order(b.transactionId));
  }
}

async function* machineEventRows({ tx, venueId, filter: { from, to, machineIds } }: RowsAsked): Rows {
  yield* pages({
    load: (range) => listMachineEvents(tx, venueId, { filter: { machineIds, types: null, from, to }, range }),
    placeOf: ({ occurredAt, id }) => ({ at: occurredAt, id }),
  });
}

async function* readingRows({ tx, venueId, filter: { from, to, machineIds } }: RowsAsked): Rows {
  for (const machineId of machineIds ?? (await listMachineIds(tx, venueId))) {
    let after: ReadingPlace | null = null;
    for (;;) {
      const page: Awaited<ReturnType<typeof listMeterReadings>> = await listMeterReadings(tx, venueId, {
        machineId,
        from,
        to,
        after,
        limit: BATCH,
      });
      if (page.length > 0) yield page.map((reading) => ({ ...reading, machineId }));
      after = page.at(-1) ?? null;
      if (page.length < BATCH) break;
    }
  }
}

async function* sessionRows({ tx, venueId, filter: { from, to, lotIds }, now }: RowsAsked): Rows {
  for (const lotId of lotIds ?? [null])
    yield* pages({
      load: (range) =>
        listSessions(tx, venueId, { filter: { userId: null, lotId, status: null, from, to }, range, now }),
      placeOf: ({ startedAt, id }) => ({ at: startedAt, id }),
    });
}

async function* auditRows({ tx, venueId, filter: { from, to } }: RowsAsked): Rows {
  let behind: bigint | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof listAuditEntries>> = await listAuditEntries(tx, venueId, {
      filter: { types: null, actorId: null, from, to },
      range: { after: null, before: behind, limit: BATCH, backward: true },
    });
    if (page.length > 0) yield page;
    behind = page.at(-1)?.sequence ?? null;
    if (page.length < BATCH) return;
  }
}
