import { createServer, request } from 'node:http'
import { expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { causeIds, verifyImages } from '../support/verify.ts'
import { useRegistries, useServers } from './kit.ts'

const start = useRegistries()
const serve = useServers()

/** A registry behind a proxy that cuts the connection of the requests that `isCut` chooses, counted per path. */
async function registryBehind(isCut: (path: string, nth: number) => boolean) {
  const registry = await start()
  registry.store.push('team/app', multiPlatform({ platforms: ['linux/amd64'], seed: 'x' }).contents, '1')
  const [host = '', port] = registry.host.split(':')
  const seen = new Map<string, number>()
  const proxy = await serve(
    createServer(({ method, url = '', headers, socket }, response) => {
      const nth = (seen.get(url) ?? 0) + 1
      seen.set(url, nth)
      if (isCut(url, nth)) return void socket.destroy()
      request({ host, port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      }).end()
    }),
  )
  return `${proxy.host}/team/app:1`
}

test('each repetition is a whole pull on connections of its own, and a healthy one adds no finding', async () => {
  const registry = await start()
  registry.store.push('team/app', multiPlatform({ platforms: ['linux/amd64'], seed: 'x' }).contents, '1')
  const reference = `${registry.host}/team/app:1`
  const report = await verifyImages([reference], { settings: { repeat: '3' } })
  expect(causeIds(report)).toEqual([])
  expect(report.exitCode).toBe(0)
  const asked = registry.requests.filter(
    ({ method, path }) => method === 'GET' && path.endsWith('/manifests/1'),
  )
  expect(asked).toHaveLength(3)
})

test('a pull that fails at another time than the first is an error with n of m', async () => {
  // The first two pulls of the blob succeed; the retries of the third are cut as well.
  const reference = await registryBehind((path, nth) => path.includes('/blobs/') && nth > 2)
  const report = await verifyImages([reference], { settings: { repeat: '3', sample: '0' } })
  expect(causeIds(report)).toEqual(['pulls-failing'])
  expect(report.exitCode).toBe(1)
  const [cause] = report.causes
  expect(cause?.findings[0]?.message).toBe('1 of 3 pulls failed; requests failed in 1 of 3')
  expect(cause?.findings[0]?.evidence[0]).toContain('in 1 of 3 pulls')
})

test('a failure that a retry made good is not hidden', async () => {
  const reference = await registryBehind((path, nth) => path.endsWith('/manifests/1') && nth === 1)
  const report = await verifyImages([reference], { settings: { repeat: '2' } })
  expect(causeIds(report)).toEqual(['pulls-failing'])
  expect(report.causes[0]).toMatchObject({
    severity: 'warning',
    title: expect.stringContaining('only by retries'),
  })
})
