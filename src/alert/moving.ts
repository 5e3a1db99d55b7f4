import type { LoggedEvent } from '../events/events.ts';
import type { AlertMetric } from './metric.ts';

const NONE: readonly AlertMetric[] = [];
const PARKING: readonly AlertMetric[] = ['PARKING_OCCUPANCY_PERCENT'];

/** Which figures of its venue may be others since this happened: those are looked at at once. */
export function movedBy(event: LoggedEvent): readonly AlertMetric[] {
  switch (event.type) {
    case 'machine.event-raised':
      return CONNECTIONS.has(event.payload.event.type) ? ['MACHINES_OFFLINE', 'SAS_LINES_SILENT'] : NONE;
    case 'machine.registered':
    case 'machine.removed':
      return ['MACHINES_OFFLINE', 'SAS_LINES_SILENT', 'HANDPAYS_WAITING'];
    case 'machine.line-configured':
    case 'machine.line-removed':
    case 'machine.line-taken':
    case 'machine.line-released':
    case 'machine.driver-lost':
      return ['SAS_LINES_DOWN', 'SAS_LINES_SILENT', 'MACHINES_OFFLINE'];
    case 'machine.handpay-recorded':
    case 'machine.handpay-reset':
      return ['HANDPAYS_WAITING'];
    case 'machine.aft-transfer-changed':
      return ['AFT_TRANSFERS_IN_DOUBT'];
    case 'signage.device-status-changed':
    case 'signage.device-removed':
      return ['DEVICES_OFFLINE'];
    case 'parking.occupancy-changed':
    case 'parking.lot-created':
    case 'parking.lot-updated':
      return PARKING;
    case 'auth.sign-in-failed':
      return ['FAILED_SIGN_INS'];
    case 'auth.account-locked-out':
      return ['LOCK_OUTS'];
    default:
      return NONE;
  }
}

const CONNECTIONS: ReadonlySet<string> = new Set(['ONLINE', 'OFFLINE']);
