/**
 * How many times as much CPU time four times the input takes: about 4 where the work is linear, 16 where it is quadratic. Each size
 * is measured several times, in turn, and the least counts: a machine under load adds, and never takes away.
 */
export async function growthOf(work: (size: number) => unknown, size: number, rounds = 5): Promise<number> {
  let [one, four] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  // The first round is for the compiler.
  for (let round = 0; round <= rounds; round += 1) {
    const [small, large] = [await cpuOf(() => work(size)), await cpuOf(() => work(4 * size))]
    if (round === 0) continue
    one = Math.min(one, small)
    four = Math.min(four, large)
  }
  // Below a millisecond nothing is measured.
  return four / Math.max(one, 1000)
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
