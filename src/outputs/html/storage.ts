import { bytesText, count, durationText } from '../../core/units.ts'
import { shortDigest } from '../../oci/digest.ts'
import type { Report } from '../../report/schema.ts'
import { harmTable } from './harm-table.ts'
import { type Content, type Html, html, upTo } from './markup.ts'
import { mark } from './status.ts'

type Storage = NonNullable<Report['storage']>
type Run = NonNullable<Storage['forecast']>[number]
type Broken = NonNullable<Storage['images']>['broken'][number]

/** So many broken images and steps are listed. */
const [maxBroken, maxSteps] = [60, 40]

/** A registry's storage: what it holds, what the next garbage collection breaks, what is broken, and how to repair it. */
export function storageSection({ storage }: Report): Html | undefined {
  if (!storage) return undefined
  const { counts, images, why } = storage
  const held = counts
    ? `${count(counts.repositories, 'repository', 'repositories')}, ${count(counts.tags, 'tag')}, ${count(counts.blobs, 'blob')}, ${bytesText(counts.bytes)}; read in ${durationText(storage.readMs ?? 0)}`
    : `not inspected: ${why ?? ''}`
  return html`<p><span class="mono">${storage.root}</span>${storage.isCache ? ' (pull-through cache)' : ''}: ${held}.</p>
${images ? html`<p>${mark(images.whole === images.tagged ? 'pass' : images.broken.length > 0 ? 'fail' : 'unknown')} ${images.whole} of ${count(images.tagged, 'tagged image')} can be pulled whole${images.unknown > 0 ? `; ${images.unknown} could not be judged` : ''}.</p>` : undefined}
${forecastPart(storage)}
${brokenPart(images)}
${repairPart(storage.repair)}
${unreadPart(storage.unread)}`
}

function forecastPart({ forecast = [], dryRun, unread }: Storage): Content {
  if (forecast.length === 0) return undefined
  const isPartial = unread.count > 0
  if (isPartial && !forecast.every(({ partial }) => partial))
    return html`<h3>The next garbage collection</h3><p>No forecast: a part of the storage was not read.</p>`
  const columns = ['Garbage collection', 'Breaks', 'Loses for repair', 'Removes untagged', 'Frees']
  return html`<h3>The next garbage collection</h3>${
    isPartial
      ? html`<p>The forecast covers what was read; the rest may lose more, and may need what is lost here.</p>`
      : undefined
  }
<div class="scroll" tabindex="0" role="region" aria-label="Forecast of garbage collections"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${forecast.map(forecastRow)}</tbody></table></div>
${harmTable(forecast)}${dryRun ? html`<p class="quiet">${dryRunText(dryRun)}</p>` : undefined}`
}

const forecastRow = ({
  version,
  deleteUntagged,
  likelihood,
  aborts,
  breaks,
  losesRepair,
  revisions,
  blobs,
  bytes,
  partial,
}: Run): Html =>
  html`<tr><th scope="row">${mark(aborts > 0 || breaks > 0 ? (likelihood === 'expected' ? 'fail' : 'warn') : 'pass')} registry ${version}${deleteUntagged ? html` <span class="mono">--delete-untagged</span>` : undefined} <span class="quiet">${likelihood}</span></th><td class="number">${
    aborts > 0 ? `stops at ${count(aborts, 'place')}` : count(breaks, 'image')
  }</td><td class="number">${count(losesRepair, 'image')}</td><td class="number">${count(revisions, 'manifest')}</td><td class="number">${partial ? 'not known' : `${bytesText(bytes)} in ${count(blobs, 'blob')}`}</td></tr>
`

const dryRunText = ({ state, deletions = 0 }: NonNullable<Storage['dryRun']>): string =>
  state === 'agrees'
    ? `The registry’s own dry run agrees: ${count(deletions, 'deletion')}.`
    : state === 'differs'
      ? 'The registry’s own dry run differs from this forecast.'
      : 'The dry run could not be compared.'

const outcomes: Record<Broken['outcome'], string> = {
  restore: 'can be restored wholly from what is on disk',
  'restore-platforms': 'some platforms can be restored',
  'roll-back': 'the tag can be rolled back',
  rebuild: 'only a rebuild helps',
  'fetch-again': 'the cache fetches it again',
  none: 'nothing is left to restore',
}

function brokenPart(images: Storage['images']): Content {
  if (!images || images.broken.length === 0) return undefined
  const shown = images.broken.slice(0, maxBroken)
  const more = images.broken.length - shown.length + images.more
  return html`<h3>Images that are not whole</h3><ul class="lines">${shown.map(brokenItem)}</ul>${more > 0 ? html`<p class="quiet">and ${more} more</p>` : undefined}`
}

const brokenItem = ({ repository, digest, tags, outcome, damage, platforms }: Broken): Html =>
  html`<li>${mark('fail')} <span class="mono">${repository}${tags.length > 0 ? `:${tags.slice(0, 6).join(', ')}` : `@${shortDigest(digest)}`}</span>: ${outcomes[outcome]}${
    platforms.length + damage.length > 0
      ? html`<br><span class="quiet">${[
          ...damage
            .slice(0, 3)
            .map((one) => `${one.role} ${shortDigest(one.digest)}: ${one.place} ${one.state}`),
          ...platforms
            .slice(0, 6)
            .map((one) => `${one.platform || 'image'} ${one.state}${one.restorable ? ', restorable' : ''}`),
        ].join(' · ')}</span>`
      : undefined
  }</li>
`

function repairPart(repair: Storage['repair']): Content {
  if (!repair || repair.steps.length === 0) return undefined
  const shown = repair.steps.slice(0, maxSteps)
  const more = repair.steps.length - shown.length + repair.more
  return html`<h3>Repair, in this order</h3><ul class="lines">${shown.map(
    ({ action, command, writes, images }) =>
      html`<li>${action}: ${writes} <span class="quiet">(${images.slice(0, 4).join(', ')}${images.length > 4 ? ` and ${images.length - 4} more` : ''})</span>${
        command === undefined ? undefined : html`<div class="copied"><pre>${upTo(command, 4000)}</pre></div>`
      }</li>
`,
  )}</ul>${more > 0 ? html`<p class="quiet">and ${count(more, 'more step')}</p>` : undefined}`
}

function unreadPart({ count: many, places }: Storage['unread']): Content {
  if (many === 0) return undefined
  return html`<details><summary>${mark('unknown')} ${count(many, 'file or folder', 'files or folders')} could not be read</summary><ul class="lines">${places.map(
    ({ path, why }) => html`<li><span class="mono">${path}</span>: ${why}</li>`,
  )}</ul></details>`
}
