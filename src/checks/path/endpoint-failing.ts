import type { Phase } from '../../core/failure.ts'
import type { Fault } from '../../core/finding.ts'
import type { LegFact } from '../../facts/path/leg.ts'
import { isReached, type LegFailure, legFailures } from '../../facts/queries/path/legs.ts'
import { sharedFailures } from '../../facts/queries/path/shared-failures.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'endpoint-failing',
  group: 'path',
  title: 'every endpoint answers',
  fault: 'Endpoint does not answer: requests to it fail before there is a response.',
  severity: 'error',
  advice: 'Fix the phase that failed: the name, the address, the certificate, or a firewall on the way.',
  reads: ['path.legs'],
  run: ({ path: { legs = [] } }) => {
    const shared = sharedFailures(legs).flat()
    const isShared = (one: LegFailure) =>
      shared.some(({ leg, phase, kind }) => leg === one.leg && phase === one.phase && kind === one.kind)
    const endpoints = new Set(legs.filter(({ step }) => step === 'endpoint').map(({ of }) => of))
    // Its legs: the endpoint itself, and where it leads.
    const own = legs.filter(({ of }) => endpoints.has(of))
    return own.flatMap((leg) =>
      legFailures(leg)
        .filter((one) => !isShared(one))
        .map(faultOf),
    )
  },
})

function faultOf(failure: LegFailure): Fault {
  const { leg, address, phase, kind, why, failed, of } = failure
  const where = [address, phaseNames[phase]].filter(Boolean).join(', ')
  return {
    subject: subjectOf(leg),
    message: `${where === '' ? '' : `${where}: `}${why.detail}; ${failed} of ${of} failed`,
    evidence: why.evidence,
    cause: `${leg.host} ${address} ${phase}`,
    ...(kind === 'redirect-refused'
      ? inward
      : why.status === undefined
        ? partly(leg, failed === of)
        : serverError),
  }
}

/** `https://ghcr.io/v2/, its token server https://ghcr.io/token`. */
const subjectOf = ({ of, step, url }: LegFact): string => {
  if (step === 'endpoint') return of
  return `${of}, ${step === 'token' ? 'its token server' : 'redirected to'} ${url}`
}

const phaseNames: Partial<Record<Phase, string>> = {
  dns: 'name lookup',
  connect: 'TCP connection',
  tls: 'TLS handshake',
  headers: 'response',
  body: 'body of the response',
}

/** The title where other requests reached the endpoint. */
function partly(leg: LegFact, always: boolean): Partial<Fault> {
  if (!isReached(leg)) return {}
  return {
    title: always
      ? 'Endpoint answers on some of its addresses only: clients that try another first lose time, or fail.'
      : 'Endpoint answers only sometimes: some requests to it fail.',
  }
}

const serverError: Partial<Fault> = {
  title: 'Endpoint fails: its server answers with an error.',
  advice: 'Check the server behind the endpoint: its log, its load, and what it needs itself.',
}

const inward: Partial<Fault> = {
  severity: 'warning',
  title: 'Endpoint leads into another network: that leg was not probed.',
  advice: 'If its token server or storage is inside your network, set private_redirects: true.',
}
