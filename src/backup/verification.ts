import type { Kysely } from 'kysely';
import { listAllVenues } from '../auth/venue-store.ts';
import type { Database } from '../db/schema.ts';
import { verifyAudit } from '../events/audit-verification.ts';
import { verifyLog } from '../events/log-verification.ts';
import { system } from '../lib/actor.ts';
import { checkLedger } from '../wallet/ledger-check.ts';

/** What was computed anew, and whether it holds. */
export interface Finding {
  readonly what: string;
  readonly holds: boolean;
}

/** Adds up the books of every venue, and computes every chain of hashes. */
export async function verifyAll(db: Kysely<Database>): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, slug } of await listAllVenues(db)) {
    const { entries, faults } = await checkLedger({ db, actor: system('verify'), now: new Date() }, id);
    findings.push({ what: `${slug}: ${entries} entries of the ledger`, holds: faults.length === 0 });
    const audit = await verifyAudit(db, id, null);
    findings.push({ what: `${slug}: ${audit.entries} entries of the audit record`, holds: !audit.broken });
  }
  const { events, broken } = await verifyLog(db);
  findings.push({ what: `${events} events of the log`, holds: !broken });
  return findings;
}
