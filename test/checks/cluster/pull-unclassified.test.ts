import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-unclassified.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { app, backOff, eventOf, failedPull, podOf } from '../../support/cluster/objects.ts'

test('a message of no known shape is printed, without what is secret in it, and asks to be reported', () => {
  const error =
    'the flux capacitor at https://s3.example.net/x?X-Amz-Signature=abc123 is dry\n::error::gotcha'
  const [fault] = faultsOf(check, clusterOf({ pods: [podOf({ waiting: backOff(error) })] }))
  expect(fault).toMatchObject({
    subject: app,
    severity: 'error',
    advice: expect.stringContaining('report it'),
  })
  expect(fault?.evidence).toContain('the flux capacitor at https://s3.example.net/x is dry / ::error::gotcha')
})

test('a pod that only waits, without an event, has no reason to report', () => {
  const bare = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${app}"` }
  expect(faultsOf(check, clusterOf({ pods: [podOf({ waiting: bare })] }))).toMatchObject([
    {
      title: expect.stringContaining('no event says why'),
      advice: expect.stringContaining('Restart the pod'),
    },
  ])
})

test('what is classified is left to other checks', () => {
  const events = [eventOf({ message: failedPull('pull QPS exceeded') })]
  expect(faultsOf(check, clusterOf({ events }))).toEqual([])
})
