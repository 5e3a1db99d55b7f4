import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { localTime } from '../lib/time.ts';
import {
  BILL_ACCEPTOR_OFF,
  BILL_ACCEPTOR_ON,
  DATE_TIME,
  ENTER_MAINTENANCE,
  LEAVE_MAINTENANCE,
  SHUTDOWN,
  STARTUP,
} from '../sas/codec/long-polls/control.ts';
import { HANDPAY_RESET_METHOD } from '../sas/codec/long-polls/handpay.ts';
import { resetHandpay, setGameEnabled } from '../sas/host/machine-commands.ts';
import type { CommandResult as CommandOutcome } from '../sas/host/machine-state.ts';
import type { CommandResult, MachineCommand } from './command.ts';
import { mayGoToCreditMeter } from './handpay-reset-store.ts';
import type { LineIngest } from './ingest.ts';
import type { SasLine } from './machine.ts';
import { zoneOf } from './venue-clock.ts';

const POLLS = {
  LOCK: SHUTDOWN,
  UNLOCK: STARTUP,
  ENABLE_BILL_ACCEPTOR: BILL_ACCEPTOR_ON,
  DISABLE_BILL_ACCEPTOR: BILL_ACCEPTOR_OFF,
} as const;

export interface CommandSending {
  readonly line: SasLine;
  readonly ingest: Pick<LineIngest, 'host' | 'restarting' | 'metersWritten'>;
  readonly db: Kysely<Database>;
}

/** Says a command to its machine, and what came of it. */
export async function sendCommand(
  options: CommandSending,
  address: number,
  command: MachineCommand,
): Promise<CommandResult> {
  const { host, restarting, metersWritten } = options.ingest;
  switch (command.kind) {
    case 'READ_METERS': {
      const read = await host.readMeters(address);
      if (read !== 'READ') return { done: false, failure: read, attempts: 1 };
      await metersWritten();
      return { done: true, attempts: 1 };
    }
    case 'RESET_HANDPAY': {
      const agreed = await agreesToStandard(options, address, command);
      return agreed ?? handpayResult(await resetHandpay(host, address, command.handpayMethod ?? 'STANDARD'));
    }
    case 'SET_CLOCK': {
      const timeZone = await zoneOf(options.db, options.line);
      const sent = await host.execute(address, DATE_TIME, localTime(new Date(), timeZone));
      host.checkClocks(address);
      return resultOf(sent);
    }
    case 'RESTART': {
      if (!restarting.has(address)) return { done: false, failure: 'UNSUPPORTED', attempts: 0 };
      const entered = await host.execute(address, ENTER_MAINTENANCE, {});
      return 'answer' in entered
        ? resultOf(await host.execute(address, LEAVE_MAINTENANCE, {}))
        : resultOf(entered);
    }
    case 'ENABLE_GAME':
    case 'DISABLE_GAME': {
      const enabled = command.kind === 'ENABLE_GAME';
      return resultOf(await setGameEnabled(host, address, { game: command.game ?? 0, enabled }));
    }
    case 'VERIFY_ROM':
      return resultOf(await host.startRomSignature(address, command.romSeed ?? 0));
    default:
      return resultOf(await host.execute(address, POLLS[command.kind], {}));
  }
}

/**
 * A machine that agreed to let its handpay go to the credit meter, and did not do it, would do so now: where that may
 * be, it has to agree to the standard way first. What hinders that; null when nothing does.
 */
async function agreesToStandard(
  { db, ingest }: CommandSending,
  address: number,
  command: MachineCommand,
): Promise<CommandResult | null> {
  if (command.handpayMethod === 'CREDIT_METER') return null;
  if (!(await mayGoToCreditMeter(db, command, command.id))) return null;
  const sent = await ingest.host.execute(address, HANDPAY_RESET_METHOD, { method: 'STANDARD' });
  return 'answer' in sent && sent.answer.result === 'OK' ? null : handpayResult(sent);
}

/** The answer to a poll about a handpay. */
function handpayResult(sent: CommandOutcome<{ readonly result: string | number }>): CommandResult {
  if (!('answer' in sent)) return resultOf(sent);
  const { answer, attempts } = sent;
  if (answer.result === 'RESET') return { done: true, attempts };
  const isKnown = answer.result === 'UNABLE' || answer.result === 'NO_HANDPAY';
  // A code that SAS does not know is a refusal all the same.
  return { done: false, failure: isKnown ? answer.result : 'NACK', attempts };
}

function resultOf(sent: CommandOutcome<unknown>): CommandResult {
  const { outcome, attempts } = sent;
  if (outcome === 'ACK' || outcome === 'DATA') return { done: true, attempts };
  return { done: false, failure: outcome, attempts };
}
