import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/external-secret-failing.ts'
import { readEvent } from '../../../src/facts/queries/cluster/events.ts'
import { judgeSecrets, readExternalSecret } from '../../../src/facts/queries/cluster/secrets.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { app, backOff, podOf } from '../../support/cluster/objects.ts'
import { externalSecret, updateFailed } from '../../support/cluster/secret-objects.ts'

const refused = `failed to resolve reference "${app}": unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.2: 401 Unauthorized`
const cluster = clusterOf({ pods: [podOf({ waiting: backOff(refused), pullSecrets: ['regcred'] })] })

const faults = (secrets: object[], isGate: boolean, pulls = cluster.pulls, events: object[] = []) =>
  faultsOf(check, {
    ...cluster,
    secrets: judgeSecrets(
      secrets.flatMap((one) => readExternalSecret(one) ?? []),
      events.flatMap((one) => readEvent(one) ?? []),
      pulls,
      isGate,
    ),
  })

test('one that owns the pull secret of a refused pull is told unasked, with the reason of its event', () => {
  const events = [
    updateFailed(
      'docker',
      'error retrieving secret at https://vault.lan/v1/kv?token=s3cr3t: 403 permission denied',
    ),
  ]
  expect(
    faults([externalSecret('docker', 'False', { target: 'regcred' })], false, cluster.pulls, events),
  ).toMatchObject([
    {
      subject: 'ExternalSecret shop/docker',
      severity: 'error',
      message: 'SecretSyncedError; Secret regcred is of 2026-11-27 06:00 UTC',
      because: `It owns the pull secret regcred, with which pulls are refused: ${app}.`,
      evidence: ['error retrieving secret at https://vault.lan/v1/kv 403 permission denied'],
    },
  ])
})

test('others are told with the gate only, and of another namespace they own nothing of this one', () => {
  const other = externalSecret('api-key', 'False')
  const elsewhere = externalSecret('regcred', 'False', { namespace: 'other' })
  expect(faults([other, elsewhere], false)).toEqual([])
  expect(faults([other, elsewhere], true).map(({ subject }) => subject)).toEqual([
    'ExternalSecret shop/api-key',
    'ExternalSecret other/regcred',
  ])
})

test('one that is synchronised is well, whatever a registry says', () => {
  expect(faults([externalSecret('regcred', 'True')], true)).toEqual([])
})

test('a pull that timed out asks for no secret', () => {
  const { pulls } = clusterOf({
    pods: [podOf({ waiting: backOff('dial tcp 10.0.0.5:443: i/o timeout'), pullSecrets: ['regcred'] })],
  })
  expect(faults([externalSecret('regcred', 'False')], false, pulls)).toEqual([])
})
