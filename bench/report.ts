import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { multiPlatform } from '../src/fake-registry/images/images.ts'
import { startRegistry } from '../src/fake-registry/registry.ts'
import { renderHtml } from '../src/outputs/html/page.ts'
import { renderJson } from '../src/outputs/json.ts'
import { renderJunit } from '../src/outputs/junit.ts'
import { renderMarkdown } from '../src/outputs/markdown-file.ts'
import { reportSchema } from '../src/report/schema.ts'
import { runCli } from '../test/support/run-cli.ts'

// Measures what it costs to render the report of a registry with many tags, of which every fiftieth is broken. Usage:
// npm run bench:report [-- TAGS [FILE]]; with FILE, the page is kept there.

const tags = Number(process.argv[2] ?? 2000)
const [, , , kept] = process.argv
const registry = await startRegistry({})
const folder = await mkdtemp(join(tmpdir(), 'regguard-bench-report-'))
try {
  const platforms = ['linux/amd64', 'linux/arm64']
  for (let at = 0; at < tags; at += 1) {
    const { contents, images } = multiPlatform({ platforms, seed: `tag ${at}` })
    const repository = `team/app-${at % 20}`
    registry.store.push(repository, contents, `1.${at}`)
    if (at % 50 === 0 && images[0]) registry.store.remove(repository, images[0].manifest.digest)
  }
  const files = [
    `--report_json=${join(folder, 'report.json')}`,
    `--report_html=${kept ?? join(folder, 'page.html')}`,
  ]
  const run = await runCli(['--catalog', '--registry', registry.host, ...files], { timeoutMs: 600_000 })
  process.stdout.write(`${tags} tags: exit ${run.exitCode} in ${(run.durationMs / 1000).toFixed(1)} s\n`)
  const report = reportSchema.parse(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')))
  for (const [name, render] of Object.entries({
    html: renderHtml,
    json: renderJson,
    junit: renderJunit,
    markdown: renderMarkdown,
  })) {
    const before = process.cpuUsage()
    const text = render(report)
    const { user, system } = process.cpuUsage(before)
    process.stdout.write(
      `${name}: ${Math.round((user + system) / 1000)} ms of CPU, ${Math.round(Buffer.byteLength(text) / 1024)} KiB\n`,
    )
  }
} finally {
  await registry.close()
  await rm(folder, { recursive: true, force: true })
}
