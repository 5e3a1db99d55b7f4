/** The machines of a scenario on one line, and what happens to them as time goes by. */
import { type Clock, systemClock } from '../host/port.ts';
import { playing } from './behaviours/playing.ts';
import type { Egm } from './egm.ts';
import { createSimulatedLine, type FloorLine, type Transport } from './floor.ts';
import { createMessageFaults } from './message-faults.ts';
import { createPowerSwitch, type PowerSwitch } from './power-switch.ts';
import { egmOptionsOf } from './profile.ts';
import { createRandom } from './random.ts';
import type { Scenario, ScenarioAction } from './scenario.ts';

export interface ScenarioFloor extends AsyncDisposable {
  readonly line: FloorLine<PowerSwitch>;
}

/** Told of each step of the script; a refusal is why nothing came of it. */
export type OnStep = (step: Scenario['script'][number], refusal: string | null) => void;

export interface ScenarioOptions {
  readonly transport: Transport;
  readonly clock?: Clock;
  /** Whether every byte takes its time on the wire; how long a machine takes to answer its profile says. */
  readonly paced?: boolean;
  readonly onStep?: OnStep;
}

/** Runs until disposed, also when the script is over. */
export async function runScenario(scenario: Scenario, options: ScenarioOptions): Promise<ScenarioFloor> {
  const { transport, clock = systemClock, paced = false, onStep = () => {} } = options;
  const random = createRandom(scenario.seed);
  const egms = scenario.machines.map(({ address, profile }) =>
    createPowerSwitch({ address, clock, ...egmOptionsOf(profile, random) }),
  );
  const { toHost, toMachines } = scenario.faults;
  const line = await createSimulatedLine({
    egms,
    transport,
    ...(paced && { pacedBy: clock }),
    ...(toHost && { faultsToHost: createMessageFaults({ ...toHost, random, clock }) }),
    ...(toMachines && { faultsToEgms: createMessageFaults({ ...toMachines, random, clock }) }),
  });
  const played = new Set(scenario.machines.flatMap(({ address, plays }) => (plays ? address : [])));
  const players = new Map<number, Disposable>();

  /** Whoever plays leaves with the power, and comes again with it. */
  function seat({ address, egm }: PowerSwitch): void {
    players.get(address)?.[Symbol.dispose]();
    players.delete(address);
    if (egm !== null && played.has(address)) players.set(address, playing(egm, { random, clock }));
  }

  function take(step: Scenario['script'][number]): void {
    const machine = egms.find(({ address }) => address === step.machine);
    if (!machine) return;
    const refusal = done(machine, step);
    if (step.do === 'cutPower' || step.do === 'restorePower') seat(machine);
    onStep(step, refusal);
  }

  for (const machine of egms) seat(machine);
  const timers = scenario.script.map((step) => clock.setTimer(step.at, () => take(step)));
  return {
    line,
    async [Symbol.asyncDispose]() {
      for (const each of [...timers, ...players.values()]) each[Symbol.dispose]();
      await line[Symbol.asyncDispose]();
    },
  };
}

/** Why nothing came of it; null when it was done. */
function done(machine: PowerSwitch, action: ScenarioAction): string | null {
  if (action.do === 'cutPower') machine.cutPower();
  else if (action.do === 'restorePower') machine.restorePower();
  else return machine.egm === null ? 'POWER_OFF' : doneAt(machine.egm, action);
  return null;
}

type AtMachine = Exclude<ScenarioAction, { readonly do: 'cutPower' | 'restorePower' }>;

function doneAt(egm: Egm, action: AtMachine): string | null {
  switch (action.do) {
    case 'insertBill':
      return egm.insertBill(action.dollars);
    case 'insertTicket':
      return egm.insertTicket(action.barcode);
    case 'play': {
      const { wager, win, progressiveLevel } = action;
      return egm.play({ wager, win, ...(progressiveLevel !== undefined && { progressiveLevel }) });
    }
    case 'selectGame':
      return egm.selectGame(action.game, action.denomination) ? null : 'NO_SUCH_GAME';
    case 'cashOut':
      return egm.cashOut();
    default:
      doneByStaff(egm, action);
      return null;
  }
}

function doneByStaff(
  egm: Egm,
  action: Exclude<AtMachine, { do: 'insertBill' | 'insertTicket' | 'play' | 'selectGame' | 'cashOut' }>,
): void {
  if (action.do === 'resetHandpay') egm.resetHandpay();
  else if (action.do === 'openDoor') egm.openDoor(action.door);
  else if (action.do === 'closeDoor') egm.closeDoor(action.door);
  else if (action.do === 'tilt') egm.tilt(action.exception);
  else if (action.do === 'clearTilt') egm.clearTilt(action.exception);
  else egm.raise(action.exception);
}
