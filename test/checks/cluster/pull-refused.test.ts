import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-refused.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { app, backOff, podOf, resolveError } from '../../support/cluster/objects.ts'

const status = (code: string, host = 'registry.example.com', query = '') =>
  `failed to pull and unpack image "${app}": failed to resolve reference "${app}": unexpected status from HEAD request to https://${host}/v2/team/app/manifests/1.2${query}: ${code}`
const waiting = (error: string, pullSecrets: string[] = []) =>
  clusterOf({ pods: [podOf({ waiting: backOff(error), pullSecrets })] })

test('a refused login names the pull secret of the pod and its namespace', () => {
  expect(faultsOf(check, waiting(status('401 Unauthorized'), ['regcred']))).toMatchObject([
    {
      subject: app,
      severity: 'error',
      message: expect.stringContaining('login refused (HTTP 401)'),
      advice: 'Renew the login in the pull secret regcred in shop: registry.example.com does not accept it.',
    },
  ])
})

test('a pod without a pull secret is told so', () => {
  const denied = `failed to resolve reference "${app}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
  expect(faultsOf(check, waiting(denied))[0]?.advice).toContain('which has no pull secret of its own')
})

test.each([
  ['429 Too Many Requests', 'share its limit'],
  ['503 Service Unavailable', 'its log has the request'],
])('%s', (code, advice) => {
  expect(faultsOf(check, waiting(status(code)))[0]?.advice).toContain(advice)
})

test('a mirror that answers 404 is not the registry', () => {
  const [fault] = faultsOf(check, waiting(status('404 Not Found', '10.0.0.5', '?ns=registry.example.com')))
  expect(fault?.message).toContain('mirror, status: mirror answers with an error (HTTP 404), 10.0.0.5')
  expect(fault?.advice).toContain('Check the mirror 10.0.0.5')
})

test('a host that was not reached refuses nothing', () => {
  expect(faultsOf(check, waiting(resolveError('dial tcp 10.0.0.5:443: i/o timeout')))).toEqual([])
})
