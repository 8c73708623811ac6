import type { WatchAccess } from '../observe/watch/client.ts'
import { type PushGroup, pushMetrics, removeOldGroups, sendHeartbeat } from '../observe/watch/send.ts'
import { prometheusText } from '../outputs/prometheus.ts'
import { watchMetrics } from '../outputs/watch-metrics.ts'
import { isInspected, type WatchReport } from '../report/watch.ts'
import type { WatchPlan } from '../settings/plan/watch.ts'
import { findingsJson } from './server.ts'

/** What telling others needs. */
export interface TellOptions {
  access: WatchAccess
  plan: WatchPlan
  log: { warn: (text: string) => void; debug: (text: string) => void }
  /** Replaces a file as a whole. */
  replaceFile: (path: string, text: string) => void
  signal: AbortSignal
}

/**
 * What a run ended with goes to files, the Pushgateway and the heartbeat; one that fails is logged and holds up nothing. `own` has the one
 * registry, `all` every one.
 */
export function createTeller(options: TellOptions): (own: WatchReport, all: WatchReport) => Promise<void> {
  const { access, plan, log, signal } = options
  const { settings } = access
  const tidied = new Set<string>()
  return async (own, all) => {
    write(options, settings.report_prometheus, 'report_prometheus', () =>
      prometheusText(watchMetrics(all, { instance: true })),
    )
    write(options, settings.report_json, 'report_json', () => findingsJson(all))
    const [registry] = own.registries
    if (!registry || signal.aborted) return
    if (plan.pushgateway) {
      const group = {
        ...{ gateway: plan.pushgateway, job: plan.pushJob, registry: registry.registry },
        ...(plan.shard.total > 1 ? { shard: plan.shard.index } : {}),
      }
      await push(options, group, prometheusText(watchMetrics(own, { instance: true })), tidied)
    }
    const couldLook = all.registries.every((one) => isInspected(one) && one.unfinished === undefined)
    if (!plan.heartbeat || !couldLook) return
    const why = await sendHeartbeat(access, plan.heartbeat)
    if (why !== undefined) log.warn(`heartbeat_url: ${why}`)
  }
}

/** The process of the first part removes the groups of parts that are gone, once after its start. */
async function push(
  { access, plan, log }: TellOptions,
  group: PushGroup,
  text: string,
  tidied: Set<string>,
): Promise<void> {
  const why = await pushMetrics(access, group, text)
  if (why !== undefined)
    return log.warn(`pushgateway: the metrics of ${group.registry} were not taken: ${why}`)
  if (plan.shard.index > 0 || tidied.has(group.registry)) return
  tidied.add(group.registry)
  const { removed, why: kept } = await removeOldGroups(access, group, plan.shard.total)
  if (removed.length > 0)
    log.warn(
      `pushgateway: removed the groups of ${group.registry} that nobody writes to: ${removed.join(', ')}`,
    )
  if (kept !== undefined) log.debug(`pushgateway: old groups of ${group.registry} may be left: ${kept}`)
}

function write(
  { replaceFile, log }: TellOptions,
  path: string | undefined,
  setting: string,
  text: () => string,
): void {
  if (path === undefined) return
  try {
    replaceFile(path, text())
  } catch (error) {
    log.warn(`${setting}: “${path}” cannot be written: ${error instanceof Error ? error.message : error}`)
  }
}
