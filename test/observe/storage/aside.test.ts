import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import gcWillAbort from '../../../src/checks/storage/gc-will-abort.ts'
import foreignFile from '../../../src/checks/storage/storage-foreign-file.ts'
import { pathWord } from '../../../src/explain/storage/shell.ts'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { shownPath } from '../../../src/observe/storage/filesystem/byte-path.ts'
import { observeStorage } from '../../../src/observe/storage/storage.ts'
import { addBlob, revisionFolder, tagFolder, writeFiles } from '../../storage/files.ts'
import { healthyFacts, settingsWith } from '../../support/facts.ts'

/** Names on disk, one character a byte: what shells, logs and `\xNN` could get wrong. */
const oddNames = [
  'it is',
  "it's",
  '"quoted"',
  '$(id)',
  '`id`',
  '*',
  '-n',
  '!!',
  '100%d',
  'back\\slash',
  'back\\xe9slash',
  'caf\xe9',
  'caf\xc3\xa9',
  'mixed \xc3\xa9\xff',
  'new\nline',
  'newline at the end\n',
  'tab\t',
  'a ##[group]b',
  '::set-env name=x::y',
  'right\xe2\x80\xaeleft',
  '{a,b}[c]?',
]

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'regguard "aside"-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const onDisk = (path: string) => Buffer.from(join(root, path), 'latin1')
const layout = 'docker/registry/v2'

const observe = () =>
  observeStorage({
    ...{ root, signal: new AbortController().signal, progress: () => {}, now: Date.now, settleMs: 0 },
    gc: { version: '2.8', deleteUntagged: true },
  })

/** All commands that the checks advise, without those that read. */
async function commandsOf(): Promise<string[]> {
  const facts = { ...healthyFacts(), storage: await observe() }
  return [foreignFile, gcWillAbort].flatMap((check) =>
    check.run(facts, settingsWith({})).flatMap(({ commands = [] }) => commands),
  )
}

/** How many files there are below a folder, whatever their names. */
const filesBelow = (folder: string): number =>
  execFileSync('find', [join(root, folder), '-type', 'f', '-printf', 'x'], { encoding: 'latin1' }).length

describe.each(['dash', 'bash'])('in %s', (shell) => {
  const run = (command: string) => execFileSync(shell, ['-c', command], { cwd: root, encoding: 'latin1' })

  test.each(oddNames)('the word of %j is the name itself', (name) => {
    writeFileSync(onDisk(name), '')
    expect(run(`printf '%s/' ${pathWord(`${root}/${shownPath(name)}`)}`)).toBe(`${root}/${name}/`)
  })

  test('all that stops a collection is moved aside, and nothing is overwritten', async () => {
    const { contents, index } = multiPlatform({ seed: 'aside' })
    const files = new Map()
    for (const { bytes } of contents) addBlob(files, bytes.toString('latin1'))
    await writeFiles(join(root, layout), files)
    const link = (folder: string) => {
      mkdirSync(join(root, layout, folder), { recursive: true })
      writeFileSync(join(root, layout, folder, 'link'), index.manifest.digest)
    }
    link(revisionFolder('app', index.manifest.digest))
    mkdirSync(join(root, layout, 'repositories/app/_layers'))
    link(`${tagFolder('app', 'latest')}/current`)
    for (const name of oddNames) {
      for (const folder of ['blobs/lost', 'blobs/sha256']) {
        mkdirSync(onDisk(`${layout}/${folder}/${name}`), { recursive: true })
        writeFileSync(onDisk(`${layout}/${folder}/${name}/data`), folder + name)
      }
      mkdirSync(onDisk(`${layout}/${tagFolder('app', `tag ${name}`)}/current`), { recursive: true })
      writeFileSync(onDisk(`${layout}/${tagFolder('app', name)}`), '')
    }
    const before = filesBelow(layout)
    const commands = await commandsOf()
    // The two checks give the same command for the same file.
    const unique = new Set(commands)
    expect(unique.size).toBe(oddNames.length * 4)
    for (const command of unique) run(command)
    expect(await commandsOf()).toEqual([])
    expect(filesBelow(layout) + filesBelow(`${layout}.aside`)).toBe(before)
  })
})
