import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-layer-link-missing.ts'
import { pushTo } from '../../support/storage/made-storage.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const { config } = madeImage.amd64

test('the blob is linked from another repository that has it', () => {
  const faults = faultsOfMade(check, ({ layers }, storage) => {
    pushTo(storage, 'copy', madeImage.contents, '1')
    layers.delete(config.digest)
  })
  expect(faults).toMatchObject([
    {
      ...{ subject: `app@${config.digest}`, severity: 'error' },
      message: 'the link of this config is gone, its data is there',
      title: 'Missing layer link: app:1 needs 1 blob that its repository does not link.',
      commands: [
        `curl -fsS -o /dev/null -w '%{http_code}\\n' -X POST 'REGISTRY/v2/app/blobs/uploads/?mount=${config.digest}&from=copy'`,
      ],
    },
  ])
})

test('or uploaded from its file', () => {
  const [fault] = faultsOfMade(check, ({ layers }) => layers.delete(config.digest))
  expect(fault?.commands).toEqual([
    expect.stringMatching(/^url=\$\(curl .* && curl -fsSg -T \/var.*data "\$url&digest=sha256:/),
  ])
})

test('a blob without data is another finding', () => {
  const faults = faultsOfMade(check, ({ layers }, { data }) => {
    layers.delete(config.digest)
    data.delete(config.digest)
  })
  expect(faults).toEqual([])
})
