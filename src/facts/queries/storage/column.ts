/** One number for each digest. It grows by pieces, so that growing neither copies nor leaves garbage as large as itself. */
export interface Column {
  /** What was set, or else the initial value. */
  get: (at: number) => number
  set: (at: number, value: number) => void
}

const pieceLength = 65_536

/** Makes a column of 8 bytes a number, of 4 for integers of 31 bits, or of 1. */
export function createColumn(
  initial = 0,
  Piece: typeof Float64Array | typeof Int32Array | typeof Uint8Array = Float64Array,
): Column {
  const pieces: InstanceType<typeof Piece>[] = []
  return {
    get: (at) => pieces[at >>> 16]?.[at & (pieceLength - 1)] ?? initial,
    set: (at, value) => {
      const piece = at >>> 16
      while (pieces.length <= piece) pieces.push(new Piece(pieceLength).fill(initial))
      const values = pieces[piece]
      if (values) values[at & (pieceLength - 1)] = value
    },
  }
}
