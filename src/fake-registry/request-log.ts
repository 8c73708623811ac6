import type { RequestLine } from './types.ts'

/** One request as it came, and what became of it. */
export type LoggedRequest = {
  method: string
  /** Path and query. */
  path: string
  range: string | undefined
  /** The scheme of the credentials only, in lower case. */
  authorization: string | undefined
  accept: string | undefined
  userAgent: string | undefined
  /** 0 while, or if, no answer was begun. */
  status: number
  /** How many requests were under way when this one came, itself among them. */
  inFlight: number
}

/** The requests of one registry. */
export type RequestLog = {
  entries: LoggedRequest[]
  begin(line: RequestLine): LoggedRequest
  end(entry: LoggedRequest): void
}

/** An empty log. */
export function createLog(): RequestLog {
  const entries: LoggedRequest[] = []
  const underWay = new Set<LoggedRequest>()
  return {
    entries,
    begin(line) {
      const entry: LoggedRequest = {
        method: line.method,
        path: line.path,
        range: text(line.headers.range),
        authorization: text(line.headers.authorization)?.split(' ')[0]?.toLowerCase(),
        accept: text(line.headers.accept),
        userAgent: text(line.headers['user-agent']),
        status: 0,
        inFlight: underWay.size + 1,
      }
      entries.push(entry)
      underWay.add(entry)
      return entry
    },
    end: (entry) => void underWay.delete(entry),
  }
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header
}
