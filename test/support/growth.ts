/**
 * How many times as much CPU time four times the input takes: about 4 where the work is linear, 16 where it is quadratic. Each size
 * is measured several times, in turn, and the least counts: a machine under load adds, and never takes away. What seems too much is
 * measured more often, because no number of rounds makes quadratic work look linear.
 */
export async function growthOf(work: (size: number) => unknown, size: number, rounds = 5): Promise<number> {
  let [one, four] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  // Below a millisecond nothing is measured.
  const growth = () => four / Math.max(one, 1000)
  // The first round is for the compiler.
  await work(size)
  await work(4 * size)
  for (
    let round = 0;
    round < rounds || (round < 4 * rounds && growth() >= clearlyMoreThanLinear);
    round += 1
  ) {
    one = Math.min(one, await cpuOf(() => work(size)))
    four = Math.min(four, await cpuOf(() => work(4 * size)))
  }
  return growth()
}

/** Between linear and quadratic, with room for what a small input does not show: caches, garbage. */
export const clearlyMoreThanLinear = 10

/** The microseconds of this thread alone. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}
