/** One number for each digest. It grows by pieces, so that growing neither copies nor leaves garbage as large as itself. */
export interface Column {
  /** What was set, or else the initial value. */
  get: (at: number) => number
  set: (at: number, value: number) => void
}

const pieceLength = 65_536

/** Makes a column of 8 bytes a number. */
export function createColumn(initial = 0): Column {
  const pieces: Float64Array[] = []
  return {
    get: (at) => pieces[at >>> 16]?.[at & (pieceLength - 1)] ?? initial,
    set: (at, value) => {
      const piece = at >>> 16
      while (pieces.length <= piece) pieces.push(new Float64Array(pieceLength).fill(initial))
      const values = pieces[piece]
      if (values) values[at & (pieceLength - 1)] = value
    },
  }
}
