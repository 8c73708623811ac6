import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import about from '../package.json' with { type: 'json' }

const read = (name: string) => readFile(new URL(`../${name}`, import.meta.url), 'utf8')

test('the image label has the version of the package', async () => {
  expect(await read('Dockerfile')).toContain(`ARG VERSION=${about.version}\n`)
})

test('a manual run of the pipeline uses the image of this version', async () => {
  const { steps }: { steps: { name: string; image: string }[] } = parse(await read('.woodpecker.yml'))
  const again = steps.find(({ name }) => name === 'verify again')
  expect(again?.image.split(':').at(-1)).toBe(about.version)
})

test('the image and the pipelines use the exact Node version that the tests run with', async () => {
  const node = about.devDependencies.node
  expect(await read('Dockerfile')).toContain(`
FROM node:${node}-bookworm-slim`)
  for (const file of ['.woodpecker.yml', '.forgejo/workflows/test.yml']) {
    expect(await read(file)).toContain(`image: node:${node}-bookworm\n`)
  }
})

test.each(['README.md', 'docs.md', '.forgejo/workflows/image.yml'])(
  '%s names the image of this version',
  async (name) => {
    const versions = [...(await read(name)).matchAll(/regguard-plugin:([\d.]+\d)/g)].map(
      ([, version]) => version,
    )
    expect(versions.length).toBeGreaterThan(0)
    expect(new Set(versions)).toEqual(new Set([about.version]))
  },
)
