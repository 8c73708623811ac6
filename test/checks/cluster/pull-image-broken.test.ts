import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-image-broken.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { app, backOff, podOf, resolveError } from '../../support/cluster/objects.ts'

const digest = `sha256:${'b8f36508'.repeat(8)}`
const gone = (mediaType: string) =>
  `failed to pull and unpack image "${app}": failed to copy: httpReadSeeker: failed open: could not fetch content descriptor ${digest} (${mediaType}) from remote: not found`
const on = (error: string, ...nodes: string[]) =>
  clusterOf({ pods: nodes.map((node) => podOf({ node, waiting: backOff(error) })) })

test('a platform image that is gone, on every node that lacks it', () => {
  expect(
    faultsOf(check, on(gone('application/vnd.oci.image.manifest.v1+json'), 'node-1', 'node-2', 'node-3')),
  ).toMatchObject([
    {
      subject: app,
      severity: 'error',
      message: expect.stringMatching(
        /^3 of 7 nodes \(node-1, node-2, node-3\) · child, status: platform image gone/,
      ),
    },
  ])
})

test('a layer that is gone is told from a configuration', () => {
  const text = (mediaType: string) => faultsOf(check, on(gone(mediaType), 'node-1'))[0]?.message
  expect(text('application/vnd.oci.image.layer.v1.tar+gzip')).toContain('layer gone')
  expect(text('application/vnd.oci.image.config.v1+json')).toContain('configuration gone')
})

test('“not found” may be a network error behind a mirror, which is said', () => {
  const [fault] = faultsOf(check, on(`failed to resolve reference "${app}": ${app}: not found`, 'node-1'))
  expect(fault?.because).toContain('containerd 2')
})

test('a host that was not reached says nothing of the image', () => {
  expect(faultsOf(check, on(resolveError('net/http: TLS handshake timeout'), 'node-1'))).toEqual([])
})
