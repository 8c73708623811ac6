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

/** How long one pull may take; a client that retries a server's errors may take that long. */
export const pullLimitMs = 60_000
