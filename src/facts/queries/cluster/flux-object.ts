import * as z from 'zod'

const text = z.string().nullish()
const ref = z.object({ kind: text, name: text, namespace: text })

/** What is read of an object of Flux; fields that a version lacks are absent. */
const objectSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), generation: z.number().nullish() }),
  spec: z
    .object({
      suspend: z.boolean().nullish(),
      type: text,
      url: text,
      chartRef: ref.nullish(),
      sourceRef: ref.nullish(),
      dependsOn: z.array(ref).nullish(),
      chart: z.union([z.object({}), z.string()]).nullish(),
    })
    .nullish(),
  status: z
    .object({
      observedGeneration: z.number().nullish(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: text,
            message: text,
            observedGeneration: z.number().nullish(),
          }),
        )
        .nullish(),
      artifact: z.object({}).nullish(),
      helmChart: text,
    })
    .nullish(),
})

/** A condition of an object. */
interface Condition {
  status: string
  reason: string
  message: string
  /** It is about the current specification. */
  isCurrent: boolean
}

/** An object of Flux in short. */
export interface FluxObject {
  kind: string
  namespace: string
  name: string
  suspended: boolean
  /**
   * Its status is of its current generation. Controllers advance it where they succeed: what fails after a change keeps the one of before,
   * and only its conditions are current (kustomize-controller 186fb3b, helm-controller 0f61a86).
   */
  isCurrent: boolean
  conditions: Map<string, Condition>
  hasArtifact: boolean
  /** The address of what a source fetches. */
  url: string
  /** A HelmRepository of type `oci`: it has no state of its own. */
  isStatic: boolean
  /** The key of what it takes from. */
  source: string | undefined
  /** The keys of what has to be ready before it. */
  dependsOn: string[]
}

const fluxKey = (kind: string, namespace: string, name: string): string => `${kind} ${namespace}/${name}`
export const keyOf = ({ kind, namespace, name }: FluxObject): string => fluxKey(kind, namespace, name)

/** Reads an object as the API gives it; undefined for what is none. */
export function readFluxObject(kind: string, item: unknown): FluxObject | undefined {
  const read = objectSchema.safeParse(item)
  if (!read.success) return undefined
  const { metadata, spec, status } = read.data
  const generation = metadata.generation ?? 0
  const observed = status?.observedGeneration ?? 0
  const conditions = (status?.conditions ?? []).map(({ type, ...one }) => {
    const isCurrent = (one.observedGeneration ?? observed) === generation
    return [
      type,
      { status: one.status, reason: one.reason ?? '', message: one.message ?? '', isCurrent },
    ] as const
  })
  return {
    ...{ kind, namespace: metadata.namespace, name: metadata.name },
    suspended: spec?.suspend === true,
    isCurrent: generation === observed,
    conditions: new Map(conditions),
    hasArtifact: status?.artifact !== null && status?.artifact !== undefined,
    url: spec?.url ?? '',
    isStatic: kind === 'HelmRepository' && spec?.type === 'oci',
    source: sourceOf(kind, metadata.namespace, read.data),
    dependsOn: (spec?.dependsOn ?? []).flatMap(({ name, namespace }) =>
      name ? [fluxKey(kind, namespace || metadata.namespace, name)] : [],
    ),
  }
}

function sourceOf(
  kind: string,
  namespace: string,
  { spec, status }: z.infer<typeof objectSchema>,
): string | undefined {
  const named = kind === 'HelmRelease' ? spec?.chartRef : spec?.sourceRef
  if (named?.kind && named.name) return fluxKey(named.kind, named.namespace || namespace, named.name)
  // A release with a chart template: the controller makes a HelmChart, and names it as namespace/name.
  const [chartNamespace, chart] = (status?.helmChart ?? '').split('/')
  return kind === 'HelmRelease' && chartNamespace && chart
    ? fluxKey('HelmChart', chartNamespace, chart)
    : undefined
}
