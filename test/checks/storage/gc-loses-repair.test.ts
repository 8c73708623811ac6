import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-loses-repair.ts'
import {
  collections,
  faultsOfForecast,
  madeIndex,
  makeInventory,
} from '../../support/storage/forecast-inventory.ts'

function withLostLink() {
  const made = makeInventory()
  const child = made.image('child')
  const top = made.index('index', [child, made.image('other')])
  made.repository('app', [top, made.image('other')], { latest: top })
  return made
}

test('an image whose links alone are gone can be repaired until the next collection, of any version', () => {
  expect(faultsOfForecast(check, withLostLink(), collections.plain)).toMatchObject([
    {
      ...{ subject: 'app:latest', severity: 'warning', platforms: ['linux/amd64'] },
      message: 'all bytes of 1 platform image are there, until garbage-collect of registry 2.8 and 3',
      // The links of its blobs are gone, too: a manifest alone would be refused.
      commands: [
        expect.stringContaining('https://reg.example.com/v2/app/blobs/uploads/'),
        expect.stringContaining('https://reg.example.com/v2/app/blobs/uploads/'),
        expect.stringMatching(
          /^curl -fsS -X PUT .* https:\/\/reg\.example\.com\/v2\/app\/manifests\/sha256:\w{64}$/,
        ),
      ],
    },
  ])
})

test('nothing is lost where nothing is broken', () => {
  expect(faultsOfForecast(check, madeIndex(), collections.old)).toEqual([])
})

test('each of several images has its own commands', () => {
  const made = withLostLink()
  const child = made.image('child of app2')
  const top = made.index('index of app2', [child, made.image('other')])
  made.repository('app2', [top, made.image('other')], { latest: top })
  const faults = faultsOfForecast(check, made, collections.plain)
  expect(faults.map(({ subject }) => subject)).toEqual(['app:latest', 'app2:latest'])
  expect(
    faults.map(({ commands = [] }) =>
      commands.flatMap((command) => /\/v2\/(\w+)\/manifests\//.exec(command)?.[1] ?? []),
    ),
  ).toEqual([['app'], ['app2']])
})
