import { startDriver } from '../app/driver.ts';
import { type DriverConfig, misspeltNames } from '../config.ts';
import { createLogger } from '../lib/logger.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

/** Drives lines until a signal. */
export async function driverCommand(config: DriverConfig): Promise<void> {
  const logger = createLogger(config.logLevel);
  for (const line of misspeltNames()) logger.warn(line);
  const driver = await startDriver(config, logger);
  stopOnSignals(driver, logger);
  logger.info({ name: config.driver.name, drives: config.driver.drives }, 'floorwire drives lines');
}
