import { type FailureKind, failureInfo } from '../../../core/failure.ts'
import type { Facts } from '../../facts.ts'
import { failuresIn } from '../image/failures.ts'

/** Whether such a failure happens on the way to a host, or in one that another host led to. */
const isOnTheWay = (kind: FailureKind): boolean => {
  const { noAnswer = false, intermediary = false } = failureInfo(kind)
  return noAnswer || intermediary
}

/** Whether something could not be observed because of the network path. */
export const isPathFailing = (facts: Pick<Facts, 'image' | 'registry'>): boolean =>
  failuresIn(facts).some(({ why }) => isOnTheWay(why.kind))

/** Whether requests failed on the network path and were sent again, with whatever outcome. */
export const hasRetriesOnPath = ({ hosts }: Facts['path']): boolean =>
  hosts.some(({ retries }) => retries.some(({ kind }) => isOnTheWay(kind)))
