import type { Cause, Finding } from '../core/finding.ts'
import { firstOf } from '../core/names.ts'
import type { PullRow } from '../facts/cluster/pulls.ts'
import type { Facts } from '../facts/facts.ts'
import { classOf } from '../facts/queries/cluster/pull-text.ts'
import { isInternal } from '../facts/queries/path/disagreements.ts'
import { brokenBy, type PullVerdict, pullVerdict } from './pull-verdicts.ts'

/**
 * Puts what a verification from here showed into the causes of failed pulls. Where the image is broken for all, its failed pulls stand below
 * that cause: there is one fault, and one thing to do. Where it is whole, the way of the nodes is to blame, and the address at which the
 * registry answers here is the one to pin.
 */
export function joinPulls(causes: readonly Cause[], facts: Facts): Cause[] {
  const { cluster } = facts
  if (!cluster || facts.image.targets.length === 0) return [...causes]
  const findings = causes.flatMap((cause) => cause.findings)
  const moved = new Map<Cause, Finding[]>()
  const left = causes.flatMap((cause): Cause[] => {
    if (!isOfPulls(cause)) return [cause]
    const staying = cause.findings.filter((finding) => {
      const head = headOf(finding, causes, facts)
      if (head) moved.set(head, [...(moved.get(head) ?? []), finding])
      return head === undefined
    })
    const [first] = staying
    if (!first) return []
    const row = cluster.pulls.find(({ image, isFailing }) => image === first.subject && isFailing)
    return [{ ...cause, findings: staying, ...(row ? toldBy(row, pullVerdict(row, facts, findings)) : {}) }]
  })
  return left.map((cause) => {
    const own = moved.get(cause)
    if (!own) return cause
    return {
      ...cause,
      findings: [...cause.findings, ...own],
      because: `Image broken for all: ${[cause.because, 'no node that lacks it can pull it, and verified from here it is broken as well.'].filter(Boolean).join(' ')}`,
    }
  })
}

/** The causes that are about single images of a cluster; that of an egress names nodes. */
const isOfPulls = ({ id, group }: Cause): boolean =>
  group === 'cluster' &&
  ['pull-node-path', 'pull-refused', 'pull-image-broken', 'pull-unclassified'].includes(id)

/** The cause of the image that a failed pull is about, if it is broken as seen from here. */
function headOf({ subject }: Finding, causes: readonly Cause[], facts: Facts): Cause | undefined {
  const row = facts.cluster?.pulls.find(({ image, isFailing }) => image === subject && isFailing)
  const verdict =
    row &&
    pullVerdict(
      row,
      facts,
      causes.flatMap(({ findings }) => findings),
    )
  if (verdict?.state !== 'broken') return undefined
  return causes.find(
    (cause) =>
      cause.group === 'image' &&
      facts.image.targets.some((target) => brokenBy(target, facts, cause.findings).length > 0),
  )
}

/** What the verdict adds to a cause. */
function toldBy(row: PullRow, { state, ids, why, addresses }: PullVerdict): Partial<Cause> {
  if (state === 'not-verified')
    return why === undefined ? {} : { because: `Not verified from here (${ids.join(', ')}): ${why}.` }
  if (state === 'refused')
    return { because: `The registry refuses here, too (${ids.join(', ')}): ${why ?? ''}.` }
  if (state === 'unreachable')
    return { because: `It cannot be reached from here either (${ids.join(', ')}): ${why ?? ''}.` }
  const at = addresses.length > 0 ? `, at ${firstOf(addresses)}` : ''
  const whole = `Verified from here, the image is whole${at}`
  if (classOf(row) === 'image')
    return {
      title: 'Node path: the image is whole, and nodes are told that it is not.',
      because: `${whole}: what answers the nodes is another server, a mirror or a cache.`,
      advice: `Check the mirrors of these nodes (hosts.toml, registries.yaml), and which address ${row.error.host} has there.`,
    }
  if (classOf(row) === 'registry')
    return {
      because: `${whole}: the registry refuses the login of the pods, or their address, and not the image.`,
    }
  return { because: `${whole}, so that the way of the nodes is to blame.`, ...pinOf(row, addresses) }
}

/** The pin for a name that nodes dial at a public address while it has an internal one. */
function pinOf(
  { error: { kind, host }, addresses }: PullRow,
  here: string[],
): Pick<Cause, 'advice' | 'commands'> | Record<string, never> {
  const [internal] = here.filter(isInternal)
  const dialled = addresses.map((one) => one.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))
  const isElsewhere = dialled.some((one) => !isInternal(one)) || kind === 'name-not-resolved'
  if (internal === undefined || !isElsewhere) return {}
  const name = host.replace(/:\d+$/, '')
  return {
    advice: `Pin ${name} to its internal address in /etc/hosts of every node, and its token server and storage likewise; when the address changes, these lines have to change with it:`,
    commands: [`echo '${internal} ${name}' | sudo tee -a /etc/hosts`],
  }
}
