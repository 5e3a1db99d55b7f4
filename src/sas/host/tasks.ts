/** What is to be found out about a machine next. */
import type { Errand, Identification, MachineState, Reading } from './machine-state.ts';

/** What it is comes first: that says which polls it takes. Errands are few and come before sweeps. */
export function nextTask(machine: MachineState): Identification | Reading | Errand | null {
  const { identification, reading, errands } = machine;
  if (identification) return identification;
  if (reading?.urgent) return reading;
  return errands[0] ?? reading;
}

/** Whether it comes before general polls. */
export const isHurried = (task: Identification | Reading | Errand): boolean =>
  !('urgent' in task) || task.urgent;
