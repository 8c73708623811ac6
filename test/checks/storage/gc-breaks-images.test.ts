import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-breaks-images.ts'
import { collections, faultsOfForecast, madeIndex } from '../../support/storage/forecast-inventory.ts'

test('an index whose platform images have no tag breaks, with the collection that harms nothing', () => {
  expect(faultsOfForecast(check, madeIndex(), collections.old)).toMatchObject([
    {
      ...{ subject: 'infra/ci:latest', severity: 'error', cause: 'untagged' },
      message:
        'none of its 2 platform images can be pulled after garbage-collect of registry 2.8 with --delete-untagged',
      platforms: ['linux/amd64', 'linux/arm64'],
      evidence: [
        expect.stringMatching(
          /^linux\/amd64 sha256:\w{8}\u2026 loses its manifest, its configuration and 1 layer \(200 B\)$/,
        ),
        expect.stringContaining('linux/arm64'),
      ],
      advice: expect.stringContaining('Without it, this storage loses nothing:'),
      commands: ['docker exec registry registry garbage-collect /etc/docker/registry/config.yml'],
    },
  ])
})

test('no command is given where the collection without the flag does harm as well', () => {
  const made = madeIndex()
  const lost = made.image('lost')
  made.repository('other', [], { latest: lost })
  const [fault] = faultsOfForecast(check, made, collections.old)
  expect(fault?.commands).toBeUndefined()
})

test('is one note, with the names, where nobody said that the flag is given', () => {
  const made = madeIndex()
  const second = made.index('second', [made.image('third')])
  made.repository('team/app', [second, made.image('third')], { '1.0': second })
  expect(faultsOfForecast(check, made)).toMatchObject([
    {
      severity: 'note',
      subject: 'garbage-collect of registry 2.8 with --delete-untagged',
      message: '2 images would break: infra/ci:latest, team/app:1.0',
    },
  ])
})

test.each([collections.recent, collections.plain])('nothing breaks in %o', (known) => {
  expect(faultsOfForecast(check, madeIndex(), known)).toEqual([])
})
