/** What the work of this process meanwhile has cost, in milliseconds of a processor, however many others share it. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
