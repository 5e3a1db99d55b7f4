import type { DriverConfig } from '../config.ts';
import type { Logger } from '../lib/logger.ts';
import { Running } from '../lib/running.ts';
import { layGround, stopGround } from './ground.ts';
import { startVenueFloor } from './venue-floor.ts';

export interface Driver extends AsyncDisposable {
  /** Resolves when its database has become another one: it is to be started anew. */
  readonly replaced: Promise<void>;
}

/**
 * A process that drives lines and answers nobody: commands reach it, and what machines say leaves it, by the
 * database it shares with those that do. It changes no tables: whoever answers the API brings them up to date.
 * Disposing it acknowledges what is on record, gives its lines back and stops.
 *
 * @throws DatabaseSetupError with a message of one line
 */
export async function startDriver(config: DriverConfig, logger: Logger): Promise<Driver> {
  const running = new Running();
  try {
    const ground = await layGround(config, logger, { running, mayMigrate: false });
    startVenueFloor(ground, { isDemo: false });
    return { replaced: ground.log.replaced, [Symbol.asyncDispose]: () => stopGround(ground) };
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}
