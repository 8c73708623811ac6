import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-node-fault.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { app, backOff, podOf, resolveError } from '../../support/cluster/objects.ts'

const on = (error: string) => clusterOf({ pods: [podOf({ node: 'node-3', waiting: backOff(error) })] })

test.each([
  ['write /var/lib/containerd/x: no space left on device', 'Free space'],
  [
    'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
    'Restart the container runtime',
  ],
  ['pull QPS exceeded', 'registryPullQPS'],
  [
    `rpc error: code = Canceled desc = failed to pull and unpack image "${app}": context canceled`,
    '5 minutes',
  ],
])('%s', (error, advice) => {
  expect(faultsOf(check, on(error))).toMatchObject([
    {
      subject: app,
      severity: 'error',
      message: expect.stringContaining('node-3'),
      advice: expect.stringContaining(advice),
    },
  ])
})

test('a container that must not pull is told so, though its message has no error', () => {
  const pods = [
    podOf({
      waiting: {
        reason: 'ErrImageNeverPull',
        message: `Container image "${app}" is not present with pull policy of Never`,
      },
    }),
  ]
  expect(faultsOf(check, clusterOf({ pods }))).toMatchObject([
    { advice: expect.stringContaining('imagePullPolicy: Never') },
  ])
})

test('a node whose network fails has no fault of this kind', () => {
  expect(faultsOf(check, on(resolveError('dial tcp 10.0.0.5:443: connect: connection refused')))).toEqual([])
})
