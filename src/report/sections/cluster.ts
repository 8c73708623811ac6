import * as z from 'zod'
import type { Finding } from '../../core/finding.ts'
import { pullVerdict, pullVerdictStates } from '../../explain/pull-verdicts.ts'
import { fluxSchema } from '../../facts/cluster/flux.ts'
import { pullClasses, pullKindNames, pullLegs, pullPhases } from '../../facts/cluster/pull-kinds.ts'
import { nodeFactSchema, type PullRow, pullRowSchema } from '../../facts/cluster/pulls.ts'
import { ruleText } from '../../facts/cluster/rights.ts'
import { secretsSchema } from '../../facts/cluster/secrets.ts'
import { type NodeView, type ViewsFact, viewKinds } from '../../facts/cluster/views.ts'
import type { ClusterFact } from '../../facts/cluster.ts'
import type { Facts } from '../../facts/facts.ts'
import { legSchema } from '../../facts/path/leg.ts'
import { machineSchema } from '../../facts/path/machine.ts'
import { classOf, errorText, nodesText, timesText } from '../../facts/queries/cluster/pull-text.ts'
import { freshViews } from '../../facts/queries/cluster/unprobed.ts'
import { viewTables } from '../../facts/queries/cluster/view-tables.ts'
import { legFailures } from '../../facts/queries/path/legs.ts'

const count = z.int().min(0)
const time = z.iso.datetime()
const shape = pullRowSchema.shape

const pull = z.object({
  image: z.string(),
  isFailing: z.boolean().describe('A pod waits for it now.'),
  who: z
    .enum(pullClasses)
    .describe('Who has to act: the path of the nodes, the registry, the image, or the node.'),
  kind: z.enum(pullKindNames),
  leg: z.enum(pullLegs).describe('The request of the pull that failed.'),
  phase: z.enum(pullPhases).describe('How far that request came.'),
  host: z.string(),
  status: z.int().optional().describe('The HTTP status, if there was a response.'),
  addresses: shape.addresses.describe('The addresses that nodes dialled.'),
  resolvers: shape.resolvers.describe('The DNS servers that nodes asked.'),
  nodes: shape.nodes.describe('The nodes on which it failed, those first that fail now; at most 50.'),
  nodeCount: count,
  failingNodes: count,
  failures: count.describe('How often it failed in the last hour, at least: similar events are merged.'),
  since: time.optional(),
  last: time.optional(),
  pods: shape.pods.describe('The first pods.'),
  podCount: count,
  kinds: shape.kinds,
  pullSecrets: shape.pullSecrets.describe('The names of the pull secrets of the pods.'),
  cachedOn: shape.cachedOn.describe('Nodes that run the image without a pull in the last hour.'),
  pulledOn: shape.pulledOn.describe('Nodes that pulled it in the last hour.'),
  message: z.string().describe('One of the messages, without what is secret in its URLs.'),
  text: z.string().describe('The same in one line for people.'),
  verified: z
    .object({
      state: z
        .enum(pullVerdictStates)
        .describe('What a verification from here showed of the image; `broken`: it is, for all.'),
      ids: z.array(z.string()).describe('The findings that show it.'),
      addresses: z.array(z.string()).describe('The addresses at which the registry answered here.'),
      why: z.string().optional(),
    })
    .optional()
    .describe('Only for images that pods wait for now.'),
})

const viewKind = z
  .enum(viewKinds)
  .describe('`host`: on the network of the node, as kubelet pulls. `pod`: as any pod.')
const nodeNames = { nodes: z.array(z.string()).describe('At most 50.'), nodeCount: count }

const views = z.object({
  namespace: z.string(),
  why: z.string().optional().describe('Why the probes could not be listed.'),
  oldest: time.optional().describe('When the oldest of the reports was made.'),
  rows: z
    .array(
      z.object({
        step: legSchema.shape.step,
        url: z.string(),
        cells: z.array(
          z.object({
            kind: viewKind,
            state: z.enum(['works', 'sometimes', 'fails', 'unknown']),
            ...nodeNames,
            text: z.string().optional().describe('How it fails.'),
          }),
        ),
      }),
    )
    .describe('Endpoints × nodes, by nodes to which they stand alike.'),
  setUps: z
    .array(z.object({ kind: viewKind, machine: machineSchema, text: z.string(), ...nodeNames }))
    .describe('MTU, default route and resolvers, by nodes that agree.'),
  missing: z.array(
    z.object({ node: z.string(), kind: viewKind, pod: z.string().optional(), why: z.string() }),
  ),
  seen: z
    .array(
      z.object({
        node: z.string(),
        kind: viewKind,
        at: time,
        legs: z.array(legSchema),
        machine: machineSchema.optional(),
      }),
    )
    .describe('What the probes saw, for `compare`; at most 100, those first from which something fails.'),
})

export const reportClusterSchema = z.object({
  server: z.string(),
  from: z.string().describe('Where the configuration came from.'),
  context: z.string().optional(),
  state: z.enum(['inspected', 'not inspected']),
  why: z.string().optional().describe('Why it was not inspected.'),
  namespaces: z.array(z.string()).describe('The namespaces that were asked for; empty for all.'),
  counts: z.object({
    nodes: count,
    pods: count,
    namespaces: count.describe('Namespaces with pods.'),
    events: count.describe('Events of pulls that were read.'),
  }),
  notInspected: z.array(
    z.object({
      resource: z.string(),
      namespace: z.string().optional(),
      why: z.string(),
      rule: z.string().optional().describe('The rule of a Role or ClusterRole that permits it.'),
    }),
  ),
  nodes: z.array(nodeFactSchema),
  pulls: z.array(pull).describe('Images that could not be pulled, by cause.'),
  morePulls: count.describe('Failures beyond the images and causes that are listed.'),
  stuck: z
    .array(z.object({ image: z.string(), node: z.string(), pod: shape.pods.element, since: time }))
    .describe('Pulls that began more than two minutes ago and did not end.'),
  pulling: count.describe('Pulls that began less than two minutes ago.'),
  flux: fluxSchema.optional().describe('What Flux deploys; absent where it is not installed.'),
  secrets: secretsSchema
    .optional()
    .describe('ExternalSecrets; with `gates: secrets`, or where a pull was refused with a pull secret.'),
  views: views.optional().describe('What each node sees of the way to the registries; only with `nodes`.'),
  waitedMs: z.number().min(0).optional().describe('How long was waited for pulls to settle; with `wait`.'),
})

type ReportCluster = z.infer<typeof reportClusterSchema>

/** What a cluster knows of its pulls, and what could not be read. */
export function reportCluster(fact: ClusterFact, facts: Facts, findings: readonly Finding[]): ReportCluster {
  const { server, from, context, failure, namespaces, counts, nodes, morePulls, pulling, waitedMs } = fact
  return {
    ...{ server, from, namespaces, counts, nodes, morePulls, pulling },
    ...(context === undefined ? {} : { context }),
    ...(fact.flux ? { flux: fact.flux } : {}),
    ...(fact.secrets ? { secrets: fact.secrets } : {}),
    ...(fact.views ? { views: reportViews(fact, fact.views) } : {}),
    ...(failure ? { state: 'not inspected', why: failure.why } : { state: 'inspected' }),
    ...(waitedMs === undefined ? {} : { waitedMs }),
    notInspected: fact.unread.map(({ resource, namespace, failure: { kind, why } }) => ({
      ...{ resource, why },
      ...(namespace === undefined ? {} : { namespace }),
      ...(kind === 'forbidden' ? { rule: ruleText(resource) } : {}),
    })),
    pulls: fact.pulls.map((row) => reportPull(row, fact, facts, findings)),
    stuck: fact.stuck.map(({ since, ...one }) => ({ ...one, since: iso(since) })),
  }
}

/** So many reports of probes are kept whole. */
const maxSeen = 100

function reportViews(fact: ClusterFact, { namespace, failure }: ViewsFact): z.infer<typeof views> {
  const fresh = freshViews(fact)
  const isFailing = ({ report }: NodeView) => report?.legs.some((leg) => legFailures(leg).length > 0) === true
  const kept =
    fresh.length > maxSeen ? fresh.toSorted((a, b) => Number(isFailing(b)) - Number(isFailing(a))) : fresh
  const times = fresh.flatMap(({ report }) => report?.at ?? [])
  return {
    namespace,
    ...(failure ? { why: failure.why } : {}),
    ...(times.length > 0 ? { oldest: iso(Math.min(...times)) } : {}),
    ...viewTables(fact),
    seen: kept.slice(0, maxSeen).flatMap(({ node, kind, report }) =>
      report
        ? [
            {
              ...{ node, kind, at: iso(report.at), legs: report.legs },
              ...(report.machine ? { machine: report.machine } : {}),
            },
          ]
        : [],
    ),
  }
}

function reportPull(
  row: PullRow,
  { counts, at }: ClusterFact,
  facts: Facts,
  findings: readonly Finding[],
): z.infer<typeof pull> {
  const { error, since, last, text, ...rest } = row
  return {
    ...rest,
    ...error,
    who: classOf(row),
    ...(since === undefined ? {} : { since: iso(since) }),
    ...(last === undefined ? {} : { last: iso(last) }),
    message: text,
    ...(row.isFailing && facts.image.targets.length > 0
      ? { verified: pullVerdict(row, facts, findings) }
      : {}),
    text: [nodesText(row, counts.nodes), errorText(row), timesText(row, at)].join(' · '),
  }
}

const iso = (time: number): string => new Date(time).toISOString()
