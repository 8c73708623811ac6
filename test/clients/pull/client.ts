/** What a client made of an image: `error` is its own text. */
export type Pull = { ok: true } | { ok: false; error: string }

/** A client of its own kind and version, with storage of its own. */
export type Client = {
  id: string
  /** As documents name it. */
  name: string
  version: string
  /** Pulls `host/name:tag` for linux/amd64, with every layer unpacked where the client unpacks layers. */
  pull(reference: string): Promise<Pull>
  stop(): Promise<void>
}

/** When a pull is taken for broken: some clients copy every layer for the next one, and all of them run at once. */
export const pullLimitMs = 300_000
