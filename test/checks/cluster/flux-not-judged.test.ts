import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/flux-not-judged.ts'
import { judgeFlux } from '../../../src/facts/queries/cluster/flux.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { releaseOf } from '../../support/cluster/flux-objects.ts'

test('suspended and stale objects are named, each kind as one note', () => {
  const objects = [
    releaseOf('a', ['False', 'InstallFailed'], { suspend: true }),
    releaseOf('b', ['True', 'UpgradeSucceeded'], { generation: 3, observed: 2 }),
    releaseOf('c'),
  ]
  const faults = faultsOf(check, { ...clusterOf({}), flux: judgeFlux(objects, []) })
  expect(faults).toMatchObject([
    { subject: 'HelmRelease shop/of-a', message: 'suspended', severity: 'note' },
    { subject: 'HelmRelease shop/of-b', message: 'its status is of an older generation', severity: 'note' },
  ])
})
