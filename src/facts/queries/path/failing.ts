import { type Failure, failureInfo } from '../../../core/failure.ts'
import type { Facts } from '../../facts.ts'
import { failuresIn } from '../image/failures.ts'

/** Whether it happened on the way to a host, the registry's or one that it led to: nothing was answered. */
const isOnTheWay = ({ kind, status }: Failure): boolean => {
  const { noAnswer = false, intermediary = false } = failureInfo(kind)
  return status === undefined && (noAnswer || intermediary)
}

/** Whether something could not be observed because of the network path. */
export const isPathFailing = (facts: Pick<Facts, 'image' | 'registry'>): boolean =>
  failuresIn(facts).some(({ why }) => isOnTheWay(why))

/** Whether requests failed on the network path and were sent again, with whatever outcome. */
export const hasRetriesOnPath = ({ hosts }: Facts['path']): boolean =>
  hosts.some(({ retries }) => retries.some(({ kind }) => failureInfo(kind).noAnswer ?? false))
