import type { Response } from './transport.ts'

/** A request without a usable response: why, as part of a sentence, with the HTTP status where the engine refused it. */
export type FailedRequest = { ok: false; status?: number; why: string }

/** The JSON value of a response, with the engine's own time in milliseconds. */
export type ApiResponse = { ok: true; value: unknown; date?: number } | FailedRequest

/** The complete body of a 2xx response; `name` is the request, for messages. */
export type TextResponse = { ok: true; text: string; name: string; date?: number }

/** The body of a response with status 2xx that ended before the size limit. */
export function textResponse(response: Response, name: string): TextResponse | FailedRequest {
  if (!response.ok) return { ok: false, why: `${name}: ${response.why}` }
  const { status, body, complete } = response
  const text = body.toString('utf8')
  if (status < 200 || status > 299) {
    const message = shortText(fieldsOf(parseJson(text)).message)
    return { ok: false, status, why: `${name}: ${message ?? describeResponse(response)}` }
  }
  if (!complete)
    return { ok: false, why: `${name}: the response is larger than ${body.length / 2 ** 20} MiB` }
  const date = Date.parse(response.header('date') ?? '')
  return { ok: true, text, name, ...(Number.isNaN(date) ? {} : { date }) }
}

/** The JSON value of a response; undefined where the body is empty. */
export function jsonResponse(response: TextResponse | FailedRequest): ApiResponse {
  if (!response.ok) return response
  const date = response.date === undefined ? {} : { date: response.date }
  if (response.text.trim() === '') return { ok: true, value: undefined, ...date }
  const value = parseJson(response.text)
  if (value === undefined) return { ok: false, why: `${response.name}: the response is not JSON` }
  return { ok: true, value, ...date }
}

/** Status and content type, for a response that is not an engine's: a web server's, or a filtering proxy's. */
export function describeResponse({ status, header }: Extract<Response, { ok: true }>): string {
  const type = header('content-type')?.split(';')[0]?.slice(0, 50)
  return type === undefined ? `HTTP ${status}` : `HTTP ${status}, ${type}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An object's fields; empty for anything else. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

/** A string that is not empty, cut to 300 characters; undefined for anything else. */
export function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 300) : undefined
}

/** A list; empty for anything else. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
