import type { FluxFact, FluxSource } from '../../cluster/flux.ts'
import { parsePull } from '../../cluster/messages/parse.ts'
import { evidenceText } from '../../cluster/messages/redact.ts'
import type { PullRow } from '../../cluster/pulls.ts'
import { type FluxObject, keyOf } from './flux-object.ts'
import { blameOf, failsItself } from './flux-waiting.ts'

const maxListed = 200
const maxDependents = 20

const takers = new Set(['HelmRelease', 'Kustomization'])

/** Reasons of a source that are about the source that it takes from itself: a chart of its repository. */
const ofParent = new Set(['SourceUnavailable', 'NoSourceArtifact'])

/**
 * Judges objects of Flux. Its controllers go on with what was fetched before, and never ask a source whether it is ready: so a fetch that
 * failed harms nothing while everything that takes from the source is ready (source-controller 39b711b1, helm-controller 0f61a86).
 */
export function judgeFlux(objects: readonly FluxObject[], pulls: readonly PullRow[]): FluxFact {
  const judged = objects.filter(({ isStatic }) => !isStatic)
  const active = judged.filter(({ suspended }) => !suspended)
  const byKey = new Map(objects.map((one) => [keyOf(one), one]))
  const failed = new Set(active.filter((one) => !takers.has(one.kind) && hasFailedFetch(one)).map(keyOf))
  // A chart whose repository failed is one fault with it.
  const heads = active.filter((one) => failed.has(keyOf(one)) && !hasFailedParent(one, failed, byKey))
  const sources = heads.map((one) => sourceOf(one, judged))
  const failures = active
    .filter(({ kind }) => takers.has(kind))
    .flatMap((one) => {
      const blame = blameOf(one, byKey, failed)
      return blame === undefined ? [] : [{ one, blame }]
    })
  return {
    counts: {
      sources: objects.filter(({ kind }) => !takers.has(kind)).length,
      releases: objects.filter(({ kind }) => kind === 'HelmRelease').length,
      kustomizations: objects.filter(({ kind }) => kind === 'Kustomization').length,
    },
    sources: sources.slice(0, maxListed),
    failures: failures.slice(0, maxListed).map(({ one, blame }) => {
      const { reason = '', message = '' } = one.conditions.get('Ready') ?? {}
      const waiting = pulls.filter(
        ({ isFailing, pods }) => isFailing && pods.some(({ namespace }) => namespace === one.namespace),
      )
      return {
        ...{ name: keyOf(one), namespace: one.namespace, reason, text: evidenceText(message) },
        pulls: [...new Set(waiting.map(({ image }) => image))].slice(0, maxDependents),
        ...(blame === 'own' ? {} : { blames: blame }),
      }
    }),
    suspended: judged
      .filter(({ suspended }) => suspended)
      .map(keyOf)
      .slice(0, maxListed),
    stale: active
      .filter((one) => !isJudged(one) && !failed.has(keyOf(one)))
      .map(keyOf)
      .slice(0, maxListed),
  }
}

/** Whether its conditions say something of its current specification: that it is ready, that it is not, or that it is in progress. */
function isJudged(one: FluxObject): boolean {
  const ready = one.conditions.get('Ready')
  return one.isCurrent || (ready !== undefined && ready.status !== 'True' && ready.isCurrent)
}

/** The condition that says that a fetch failed; a source of an older version has only `Ready`. */
function failedFetch({ conditions }: FluxObject) {
  const fetch = conditions.get('FetchFailed')
  if (fetch?.status === 'True' && fetch.isCurrent) return fetch
  const ready = conditions.get('Ready')
  return ready?.status === 'False' &&
    ready.isCurrent &&
    ready.reason !== 'Progressing' &&
    ready.reason !== 'ProgressingWithRetry'
    ? ready
    : undefined
}

const hasFailedFetch = (one: FluxObject): boolean => failedFetch(one) !== undefined

function hasFailedParent(
  one: FluxObject,
  failed: ReadonlySet<string>,
  byKey: ReadonlyMap<string, FluxObject>,
): boolean {
  if (one.source === undefined) return false
  if (failed.has(one.source)) return true
  const parent = byKey.get(one.source)
  // One that is being fetched for the first time has no state yet.
  return ofParent.has(failedFetch(one)?.reason ?? '') && parent !== undefined && isInProgress(parent)
}

function isInProgress({ suspended, isStatic, conditions }: FluxObject): boolean {
  const ready = conditions.get('Ready')?.status
  return !suspended && !isStatic && ready !== 'True' && ready !== 'False'
}

function sourceOf(source: FluxObject, all: readonly FluxObject[]): FluxSource {
  const { reason = '', message = '' } = failedFetch(source) ?? {}
  const { error, text } = parsePull(message, source.url.replace(/^oci:\/\//, ''))
  const dependents = below(keyOf(source), all).map((one) => ({ name: keyOf(one), state: stateOf(one) }))
  const goesOn = dependents.every(({ state }) => state === 'ready' || state === 'suspended')
  return {
    ...{ name: keyOf(source), reason, text, hasArtifact: source.hasArtifact },
    // The host of a fetch that names none is that of the address that is fetched.
    error:
      error.host === '' && URL.canParse(source.url) ? { ...error, host: new URL(source.url).host } : error,
    // Flux does not try again what is stalled: what was asked for last will never be fetched.
    outcome:
      source.hasArtifact && source.isCurrent && !isStalled(source) && goesOn ? 'unaffected' : 'blocked',
    dependents: dependents.slice(0, maxDependents),
    dependentCount: dependents.length,
  }
}

const isStalled = ({ conditions }: FluxObject): boolean => conditions.get('Stalled')?.status === 'True'

/** Releases and kustomizations that take from a source, directly or through a chart. */
function below(key: string, all: readonly FluxObject[]): FluxObject[] {
  return all
    .filter(({ source }) => source === key)
    .flatMap((one) => (takers.has(one.kind) ? [one] : below(keyOf(one), all)))
}

function stateOf(one: FluxObject): FluxSource['dependents'][number]['state'] {
  if (one.suspended) return 'suspended'
  if (!isJudged(one)) return 'stale'
  if (one.conditions.get('Ready')?.status === 'True') return 'ready'
  return failsItself(one) ? 'failing' : 'waiting'
}
