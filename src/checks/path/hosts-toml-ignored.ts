import type { Severity } from '../../core/finding.ts'
import type { IgnoredFile, MirrorsFact } from '../../facts/path/mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'hosts-toml-ignored',
  group: 'path',
  title: 'containerd uses every hosts.toml',
  fault:
    'Ignored hosts.toml: containerd logs “failed to decode hosts.toml” and asks the registry as if there were no such file.',
  severity: 'error',
  advice:
    'Add the section [host."https://REGISTRY"] with capabilities = ["pull", "resolve"], and keep to what the containerd of this node knows (containerd --version).',
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) => {
    const files = Map.groupBy(
      (mirrors?.ignored ?? []).filter(({ invalid }) => !invalid),
      ({ file }) => file,
    )
    return [...files].map(([file, ignored]) => {
      const [first] = ignored
      const runtimes = [...new Set(ignored.map(({ runtime }) => runtime))]
      return {
        subject: file,
        severity: severityOf(ignored, mirrors),
        message: `${runtimes.join(' and ')}: ${first?.key ?? 'it'} ${first?.message}`,
      }
    })
  },
})

/**
 * Which version runs here is not known. A file that only containerd 1.x ignores is a warning where a pull by its rules fails and
 * one by those of 2.x does not; else a note.
 */
function severityOf(ignored: IgnoredFile[], mirrors: MirrorsFact | undefined): Severity {
  if (new Set(ignored.map(({ runtime }) => runtime)).size > 1) return 'error'
  const pulls = (mirrors?.pulls ?? []).filter(({ registry }) =>
    ignored.some((one) => one.registry === registry),
  )
  const fails = pulls.some(({ runtime, ok }) => !ok && ignored.some((one) => one.runtime === runtime))
  return fails && pulls.some(({ ok }) => ok) ? 'warning' : 'note'
}
