/** MTUs that tunnels and access networks have: PPPoE, 6in4, GRE, VXLAN, WireGuard over IPv4 and IPv6, cloud networks, IPv6's least. */
const commonMtus = [1500, 1492, 1480, 1450, 1420, 1400, 1280]

/** Into how many parts a round divides what is left. */
const spread = 5
const maxRounds = 6

/**
 * What a search found. `unstable`: the same or a larger packet did arrive another time, so loss does not depend on size alone.
 * `untested`: no size between the two could be tested.
 */
export type SearchResult =
  /** Exact where `lost` is one byte more than `arrives`; less where sizes between them could not be tested. */
  | { state: 'found'; arrives: number; lost: number; probes: number }
  | { state: 'unstable' | 'untested'; probes: number }

/**
 * The largest packet that arrives, between a size that did and one that did not. `test` says whether a packet of a size arrives;
 * undefined where that could not be tested. In an exact result, the larger size was lost at least twice. `guess` is tested first, if it is
 * between them.
 */
export async function searchMtu(
  arrives: number,
  lost: number,
  test: (size: number) => Promise<boolean | undefined>,
  guess?: number,
): Promise<SearchResult> {
  let [low, probes] = [arrives, 0]
  const losses = [lost]
  for (let round = 0; round < maxRounds; round += 1) {
    const high = Math.min(...losses)
    if (high - low === 1 && losses.filter((size) => size === high).length > 1) break
    const sizes = round === 0 ? firstSizes(low, high, guess) : nextSizes(low, high)
    const results = await Promise.all(sizes.map(async (size) => ({ size, arrived: await test(size) })))
    probes += sizes.length
    low = Math.max(low, ...results.filter(({ arrived }) => arrived === true).map(({ size }) => size))
    losses.push(...results.filter(({ arrived }) => arrived === false).map(({ size }) => size))
    if (Math.min(...losses) <= low) return { state: 'unstable', probes }
    if (results.every(({ arrived }) => arrived === undefined)) break
  }
  const high = Math.min(...losses)
  if (high - low > 1 && low === arrives) return { state: 'untested', probes }
  return { state: 'found', arrives: low, lost: high, probes }
}

function firstSizes(low: number, high: number, guess: number | undefined): number[] {
  const isBetween = (size: number) => size > low && size < high
  const guessed = guess === undefined ? [] : [guess, guess + 1, guess + 1].filter(isBetween)
  const sizes = [...guessed, ...commonMtus.filter((size) => isBetween(size) && !guessed.includes(size))]
  return sizes.length > 0 ? sizes : nextSizes(low, high)
}

/** The next size, twice, as the lower one is most often exact already; and others at equal distances. */
function nextSizes(low: number, high: number): number[] {
  const others = Array.from({ length: spread - 1 }, (_, at) =>
    Math.round(low + ((high - low) * (at + 1)) / spread),
  )
  const between = new Set(others.filter((size) => size > low + 1 && size < high))
  return [low + 1, low + 1, ...between]
}
