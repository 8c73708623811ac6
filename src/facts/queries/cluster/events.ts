import * as z from 'zod'

const text = z.string().nullish()

/** What is read of an event. Kubelet's have `count` and `lastTimestamp`, others `eventTime` and `series`; each may be null. */
const eventSchema = z.object({
  involvedObject: z.object({ namespace: text, name: text, uid: text, fieldPath: text }).nullish(),
  reason: text,
  message: text,
  source: z.object({ host: text }).nullish(),
  reportingInstance: text,
  count: z.number().nullish(),
  firstTimestamp: text,
  lastTimestamp: text,
  eventTime: text,
  series: z.object({ count: z.number().nullish(), lastObservedTime: text }).nullish(),
  metadata: z.object({ creationTimestamp: text, namespace: text }).nullish(),
})

/** An event about a pod, its times in milliseconds since the epoch. */
export interface PodEvent {
  reason: string
  message: string
  namespace: string
  pod: string
  uid: string
  /** The container, where the event names one. */
  container: string
  node: string
  count: number
  first: number | undefined
  last: number | undefined
}

/** Reads an event as the API gives it; undefined for what is none. */
export function readEvent(item: unknown): PodEvent | undefined {
  const read = eventSchema.safeParse(item)
  if (!read.success) return undefined
  const {
    involvedObject: of,
    reason,
    message,
    source,
    reportingInstance,
    count,
    series,
    metadata,
    ...times
  } = read.data
  const first = timeOf(times.firstTimestamp, times.eventTime, metadata?.creationTimestamp)
  return {
    ...{ reason: reason ?? '', message: message ?? '' },
    namespace: of?.namespace ?? metadata?.namespace ?? '',
    pod: of?.name ?? '',
    uid: of?.uid ?? `${of?.namespace ?? ''}/${of?.name ?? ''}`,
    container: /\{([^}]*)\}/.exec(of?.fieldPath ?? '')?.[1] ?? '',
    node: source?.host || (reportingInstance ?? ''),
    count: Math.max(1, count ?? series?.count ?? 1),
    first,
    last: timeOf(times.lastTimestamp, series?.lastObservedTime, times.eventTime) ?? first,
  }
}

function timeOf(...texts: (string | null | undefined)[]): number | undefined {
  const times = texts.map((one) => Date.parse(one ?? '')).filter((one) => !Number.isNaN(one))
  return times[0]
}

/** Whether an event is a failed pull. Of the shapes of `Failed`, only this one has the error; the others would count it three times. */
export const isPullFailure = ({ message }: PodEvent): boolean =>
  /^(?:\(combined from similar events\): )?Failed to (?:pull image|inspect image|apply default image tag) /.test(
    message,
  ) || /is not present with pull policy of Never/.test(message)

/** The image that a `Pulling` or `Pulled` event names. */
export const imageOfEvent = ({ message }: PodEvent): string => /[Ii]mage "([^"]*)"/.exec(message)?.[1] ?? ''

/** Whether a `Pulled` event proves a pull; without one the image was there before, which proves nothing of the path. */
export const isRealPull = ({ message }: PodEvent): boolean => message.startsWith('Successfully pulled image')
