import type { Failure } from '../../../core/failure.ts'
import type { LegFact } from '../../../facts/path/leg.ts'
import type { AddressClass } from '../../../net/address-class.ts'
import { parseChallenges } from '../../../net/challenge.ts'
import { acceptedManifests } from '../../../oci/media-types.ts'
import { type Answer, hostHeaderOf, type Leg } from '../../../oci/runtimes/legs.ts'
import { redactedUrl } from '../../http/request-log.ts'
import type { Attempt } from '../attempt.ts'
import { type ProbeOptions, probe } from '../probe-leg.ts'

/** What came of a leg: the answer that decides what follows, and the facts. */
export interface Probed {
  answer: Answer
  status?: number
  failure?: Failure
  /** Where a redirect or a challenge leads, without query. */
  leadsTo?: string
  leg: LegFact
}

/** A name to use in place of the host of a URL, in TLS and in the Host header. */
export interface AsNamed {
  servername: string
  hostHeader: string
}

/** Sends the request of a leg to every address of its host; the first address that answers decides. */
export async function probeAnswer(
  leg: Leg,
  of: string,
  options: ProbeOptions,
  {
    named = { hostHeader: hostHeaderOf(leg.url) },
    ledFrom,
  }: { named?: Partial<AsNamed>; ledFrom?: AddressClass } = {},
): Promise<Probed> {
  const url = new URL(leg.url)
  const probed = await probe(
    {
      ...{ step: stepOf(leg), of, url, ...named },
      headers: {
        accept: `${acceptedManifests}, */*`,
        ...ownHeaders(leg),
        ...(leg.object.startsWith('blobs/') ? { range: 'bytes=0-0' } : {}),
      },
      ...(ledFrom === undefined ? {} : { ledFrom }),
    },
    options,
  )
  // What is behind a proxy cannot be told from here: taken for working.
  if (probed.leg.proxy !== undefined) return { answer: { status: 200 }, leg: probed.leg }
  const why = probed.leg.lookups.find(({ failure }) => failure !== undefined)?.failure
  if (why) {
    // The runtime may go where this run must not probe: taken for working as well.
    const answer: Answer = why.kind === 'redirect-refused' ? { status: 200 } : { failure: why.kind }
    return { answer, failure: why, leg: probed.leg }
  }
  const outcome = outcomeOf(probed.attempts, url)
  const { challenge, location } = outcome.answer.status === undefined ? {} : outcome.answer
  const next = challenge?.realm ?? location
  return {
    ...outcome,
    ...(next === undefined ? {} : { leadsTo: redactedUrl(new URL(next, url)) }),
    leg: probed.leg,
  }
}

function outcomeOf(attempts: Attempt[], url: URL): Omit<Probed, 'leg'> {
  const answered = attempts.find(({ status }) => status !== undefined)
  if (answered?.status === undefined) {
    const [first] = attempts
    const why = first?.failure
    return { answer: { failure: why?.kind ?? 'no address' }, ...(why ? { failure: why } : {}) }
  }
  const { status, location, challenge } = answered
  const bearer = parseChallenges(challenge === undefined ? [] : [challenge]).find(
    ({ scheme }) => scheme === 'bearer',
  )
  const { realm, service } = bearer?.parameters ?? {}
  return {
    status,
    answer: {
      status,
      ...(realm === undefined || !URL.canParse(realm, url.href)
        ? {}
        : { challenge: { realm, ...(service === undefined ? {} : { service }) } }),
      ...(location === undefined || !URL.canParse(location, url.href) ? {} : { location }),
    },
  }
}

/**
 * The headers of a mirror's hosts.toml, which may hold a password: for the mirror alone, not for a token server or a storage that it
 * leads to. The Host header is not among them: Go takes it from the URL.
 */
function ownHeaders(leg: Leg): Record<string, string> {
  const { endpoint } = leg
  if (stepOf(leg) !== 'mirror') return {}
  return Object.fromEntries(
    Object.entries(endpoint.headers)
      .filter(([name]) => !/^(?:host|connection|content-length|transfer-encoding)$/i.test(name))
      .flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])),
  )
}

function stepOf({ step }: Leg): LegFact['step'] {
  if (step === 'token') return 'token'
  return step === 'redirect' ? 'storage' : 'mirror'
}
