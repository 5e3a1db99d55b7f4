import { findNamedVenue, listAllVenues } from '../auth/venue-store.ts';
import type { DatabaseConfig } from '../config.ts';
import { APP_ROLE, openDatabase } from '../db/database.ts';
import type { AuditAnchor, AuditVerification } from '../events/audit.ts';
import { verifyAudit } from '../events/audit-verification.ts';
import { verifyLog } from '../events/log-verification.ts';
import { CommandError } from './command-error.ts';
import { reachMigrated } from './database.ts';

const ANCHOR = /^([1-9]\d{0,17}):([0-9a-f]{64})$/i;

/**
 * Computes the audit record of each venue and the event log anew, or the record of one venue, and says
 * whether they hold. The exit code is 1 when one does not.
 *
 * @param anchor `sequence:hash` of an entry kept outside; takes a venue
 * @throws CommandError
 */
export async function verifyAuditCommand(
  config: DatabaseConfig,
  { venue: slug, anchor }: { readonly venue?: string | undefined; readonly anchor?: string | undefined },
): Promise<void> {
  if (anchor !== undefined && slug === undefined) throw new CommandError('--anchor takes --venue as well.');
  const begin = anchor === undefined ? null : parseAnchor(anchor);
  await using database = await reachMigrated(config);
  await using floor = openDatabase({
    connection: database.connection,
    poolSize: 2,
    applicationName: 'floorwire audit',
    role: APP_ROLE,
    statementTimeoutMs: 0,
  });
  const venue = slug === undefined ? null : await findNamedVenue(floor.db, slug);
  if (slug !== undefined && !venue) throw new CommandError(`There is no venue ${slug}.`);
  for (const { id, slug } of venue ? [venue] : await listAllVenues(floor.db)) {
    const verification = await verifyAudit(floor.db, id, begin);
    process.stdout.write(`${slug}: ${lineOf(verification)}\n`);
    if (verification.broken) process.exitCode = 1;
  }
  if (!venue) {
    const { events, broken } = await verifyLog(floor.db);
    const line = broken ? `BROKEN ${broken.fault} at ${broken.position}` : `${events} events hold`;
    process.stdout.write(`event log: ${line}\n`);
    if (broken) process.exitCode = 1;
  }
}

function parseAnchor(text: string): AuditAnchor {
  const [, sequence, hash] = ANCHOR.exec(text) ?? [];
  if (!sequence || !hash)
    throw new CommandError('--anchor takes NUMBER:HASH, as an earlier verification said.');
  return { sequence: BigInt(sequence), hash: Buffer.from(hash, 'hex') };
}

function lineOf({ entries, broken, head }: AuditVerification): string {
  if (broken) return `BROKEN ${broken.fault}${broken.sequence === null ? '' : ` at ${broken.sequence}`}`;
  return `${entries} entries hold${head ? `; anchor ${head.sequence}:${head.hash.toString('hex')}` : ''}`;
}
