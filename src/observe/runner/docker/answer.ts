import type { Response } from './transport.ts'

/** Why an engine gave no answer that is of use, as part of a sentence; `status` where it refused. */
export type Refused = { ok: false; status?: number; why: string }

/** An engine's answer as a value, with the engine's own time in milliseconds. */
export type ApiAnswer = { ok: true; value: unknown; date?: number } | Refused

/** An answer of use, as text; `name` is how its question is called where the text turns out to be none. */
export type Usable = { ok: true; text: string; name: string; date?: number }

/** An answer that is no refusal and came to its end; `name` is how the question is called where it is not. */
export function usable(response: Response, name: string): Usable | Refused {
  if (!response.ok) return { ok: false, why: `${name}: ${response.why}` }
  const { status, body, whole } = response
  const text = body.toString('utf8')
  if (status < 200 || status > 299) {
    const message = short(record(parsed(text)).message)
    return { ok: false, status, why: `${name}: ${message ?? unexpectedAnswer(response)}` }
  }
  if (!whole) return { ok: false, why: `${name}: the answer is longer than ${body.length / 2 ** 20} MiB` }
  const sent = Date.parse(response.header('date') ?? '')
  return { ok: true, text, name, ...(Number.isNaN(sent) ? {} : { date: sent }) }
}

/** The value of an answer in JSON; undefined where it is empty. */
export function json(came: Usable | Refused): ApiAnswer {
  if (!came.ok) return came
  const date = came.date === undefined ? {} : { date: came.date }
  if (came.text.trim() === '') return { ok: true, value: undefined, ...date }
  const value = parsed(came.text)
  if (value === undefined) return { ok: false, why: `${came.name}: the answer is no JSON` }
  return { ok: true, value, ...date }
}

/** What else answers: a web server, or a proxy that lets only some questions through. */
export function unexpectedAnswer({ status, header }: Extract<Response, { ok: true }>): string {
  const type = header('content-type')?.split(';')[0]?.slice(0, 50)
  return type === undefined ? `it answers ${status}` : `it answers ${status} with ${type}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An object's fields, or none. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}

/** A text of bearable length, or undefined. */
export function short(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 300) : undefined
}

/** A list of what it may be, or none. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
