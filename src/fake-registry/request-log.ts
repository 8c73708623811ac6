import type { RequestLine } from './types.ts'

/** A request that arrived, and its status. */
export type LoggedRequest = {
  method: string
  /** Path and query. */
  path: string
  range: string | undefined
  /** Only the scheme of the credentials, in lower case. */
  authorization: string | undefined
  accept: string | undefined
  userAgent: string | undefined
  /** 0 as long as no response was started. */
  status: number
  /** How many requests were in progress when this one arrived, including itself. */
  inFlight: number
}

/** The requests of one registry. */
export type RequestLog = {
  entries: LoggedRequest[]
  begin(line: RequestLine): LoggedRequest
  end(entry: LoggedRequest): void
}

/** Creates an empty log. */
export function createLog(): RequestLog {
  const entries: LoggedRequest[] = []
  const inProgress = new Set<LoggedRequest>()
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
        inFlight: inProgress.size + 1,
      }
      entries.push(entry)
      inProgress.add(entry)
      return entry
    },
    end: (entry) => void inProgress.delete(entry),
  }
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header
}
