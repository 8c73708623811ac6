import * as z from 'zod'
import { evidenceText } from '../../cluster/messages/redact.ts'
import type { PullKind } from '../../cluster/pull-kinds.ts'
import type { PullRow } from '../../cluster/pulls.ts'
import type { SecretsFact } from '../../cluster/secrets.ts'
import type { PodEvent } from './events.ts'

const text = z.string().nullish()
const externalSecretSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.object({ target: z.object({ name: text }).nullish() }).nullish(),
  status: z
    .object({
      refreshTime: text,
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), reason: text, message: text }))
        .nullish(),
    })
    .nullish(),
})

/** An ExternalSecret in short. Nothing of a Secret is read. */
export interface ExternalSecret {
  namespace: string
  name: string
  target: string
  isFailing: boolean
  reason: string
  message: string
  refreshedAt: number
}

/** Reads an ExternalSecret as the API gives it; undefined for what is none. */
export function readExternalSecret(item: unknown): ExternalSecret | undefined {
  const read = externalSecretSchema.safeParse(item)
  if (!read.success) return undefined
  const { metadata, spec, status } = read.data
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready')
  return {
    ...{ namespace: metadata.namespace, name: metadata.name },
    target: spec?.target?.name || metadata.name,
    isFailing: ready?.status === 'False',
    ...{ reason: ready?.reason ?? '', message: ready?.message ?? '' },
    refreshedAt: Date.parse(status?.refreshTime ?? ''),
  }
}

const loginKinds: ReadonlySet<PullKind> = new Set(['bad-credentials', 'access-denied', 'denied-or-missing'])

/** The pulls that were refused with a pull secret: only for these a secret is asked about without being told to. */
export const refusedWithSecret = (pulls: readonly PullRow[]): PullRow[] =>
  pulls.filter(
    ({ error, pullSecrets, isFailing }) => isFailing && loginKinds.has(error.kind) && pullSecrets.length > 0,
  )

const maxListed = 200

/**
 * The ExternalSecrets that are not synchronised: all of them, or only those that own the pull secret of a pull that was refused. `events` are
 * those of ExternalSecrets, which alone have the reason (external-secrets cc5bfbc).
 */
export function judgeSecrets(
  secrets: readonly ExternalSecret[],
  events: readonly PodEvent[],
  pulls: readonly PullRow[],
  isGate: boolean,
): SecretsFact {
  const refused = refusedWithSecret(pulls)
  const failures = secrets
    .filter(({ isFailing }) => isFailing)
    .map(({ namespace, name, target, reason, message, refreshedAt }) => {
      const own = events
        .filter((event) => event.namespace === namespace && event.pod === name)
        .toSorted((a, b) => (b.last ?? 0) - (a.last ?? 0))
      const used = refused.filter(
        ({ pullSecrets, pods }) =>
          pullSecrets.includes(target) && pods.some((pod) => pod.namespace === namespace),
      )
      return {
        ...{ name: `ExternalSecret ${namespace}/${name}`, namespace, target, reason },
        text: evidenceText(own[0]?.message || message),
        ...(Number.isNaN(refreshedAt) ? {} : { refreshedAt }),
        refusedPulls: [...new Set(used.map(({ image }) => image))].slice(0, 20),
      }
    })
    .filter(({ refusedPulls }) => isGate || refusedPulls.length > 0)
  return { count: secrets.length, failures: failures.slice(0, maxListed) }
}
