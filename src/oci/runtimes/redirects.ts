import type { Answer, Leg, Walked } from './legs.ts'

/** As Go's clients: the eleventh request of a chain is not sent. */
const maxRedirects = 10

/** Follows redirects. Credentials do not go along to another host. */
export function* followRedirects(first: Walked): Generator<Leg, Walked, Answer> {
  let last = first
  for (let count = 0; count < maxRedirects; count += 1) {
    const { status, location } = { location: undefined, ...last.answer }
    if (status === undefined || status < 300 || status > 399 || location === undefined) return last
    if (!URL.canParse(location, last.leg.url)) return last
    const url = new URL(location, last.leg.url).href
    const leg: Leg = { ...last.leg, step: 'redirect', url, authorized: false }
    last = { leg, answer: yield leg }
  }
  const { status = 0 } = last.answer
  return status < 300 || status > 399 ? last : { ...last, answer: { failure: 'redirect-loop' } }
}
