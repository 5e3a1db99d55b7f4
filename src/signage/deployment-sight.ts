import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Rights } from '../lib/actor.ts';
import type { Deployment } from './deployment.ts';
import { findDeploymentsByIds, findDeploymentsOfDevices } from './deployment-store.ts';
import { canSeeAllFirmware } from './firmware-service.ts';
import { findOwnDevices, userIdOf } from './possession.ts';

interface Viewed {
  readonly db: Kysely<Database>;
  readonly viewer: Rights;
  readonly now: Date;
}

/** Those of these that the viewer may see: what he began, and what goes to a device of his, too. */
export async function findVisibleDeployments(
  { db, viewer, now }: Viewed,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Deployment[]> {
  const found = await findDeploymentsByIds(db, venueId, ids);
  if (found.length === 0 || canSeeAllFirmware(viewer, venueId)) return found;
  const own = await findOwnDevices(db, viewer, { venueId, now });
  const his = await findDeploymentsOfDevices(db, ids, own);
  const userId = userIdOf(viewer);
  return found.filter(
    ({ id, createdBy }) =>
      his.has(id) || (userId !== null && createdBy.kind === 'user' && createdBy.id === userId),
  );
}
