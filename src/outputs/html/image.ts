import { bytesText, count } from '../../core/units.ts'
import type { Report, ReportMember, ReportTarget } from '../../report/schema.ts'
import { chooseImages, entriesOf, type ImageEntry } from '../terminal/images.ts'
import { proofText } from '../terminal/proof.ts'
import { type Html, html } from './markup.ts'
import { imagePicture } from './picture-image.ts'
import { mark } from './status.ts'

/** So many images have a picture, and so many others a line. */
const [maxPictures, maxLines] = [12, 2500]
/** So many faults of one platform are listed. */
const maxFaults = 6

/** Every image: as a picture if there are few; of very many, those that are not well, and the others in a list. */
export function imageSection({ targets }: Report): Html | undefined {
  if (targets.length === 0) return undefined
  const drawn = chooseImages(targets).listed.slice(0, maxPictures)
  const pictured = new Set(drawn.map(({ target }) => target))
  const others = entriesOf(targets).filter(({ target }) => !pictured.has(target))
  return html`${drawn.map(figure)}${drawn.length > 0 ? legend(drawn) : undefined}${others.length > 0 ? list(others) : undefined}`
}

function figure({ target, alsoTagged }: ImageEntry): Html {
  const proof = proofText(target.proof)
  const facts = [
    count(target.objects, 'object'),
    bytesText(target.sizeBytes),
    ...(target.status === 'pass' && proof !== '' ? [proof] : []),
  ]
  const faults = [
    ...target.faults.map((fault) => html`<li>${mark(target.status)} ${fault}</li>`),
    ...target.members.flatMap(memberFaults),
  ]
  return html`<figure class="image">
${target.members.length > 0 ? imagePicture(target) : html`<p class="mono">${target.reference}</p>`}
<figcaption>${mark(target.status)} ${target.objects > 0 ? facts.join(' · ') : 'Nothing of it could be read.'}${
    alsoTagged.length > 0
      ? html` · also tagged <span class="mono">${alsoTagged.join(', ')}</span>`
      : undefined
  }${target.digest === undefined ? undefined : html`<br><span class="mono quiet">${target.digest}</span>`}</figcaption>
${faults.length > 0 ? html`<ul class="faults">${faults}</ul>` : undefined}
</figure>`
}

function memberFaults({ platform, faults, status }: ReportMember): Html[] {
  const more = faults.length - maxFaults
  return [
    ...faults
      .slice(0, maxFaults)
      .map((fault) => html`<li>${mark(status)} <b>${platform || 'image'}</b> ${fault}</li>`),
    ...(more > 0 ? [html`<li>and ${count(more, 'more fault')} of ${platform || 'image'}</li>`] : []),
  ]
}

const kinds = [
  ['proven', 'served'],
  ['listed', 'only listed'],
  ['absent', 'missing'],
  ['damaged', 'damaged'],
  ['elsewhere', 'hosted elsewhere'],
  ['unseen-object', 'not inspected'],
] as const

/** What the colours mean, of those that occur. */
function legend(entries: readonly ImageEntry[]): Html | undefined {
  const members = entries.flatMap(({ target }) => target.members)
  const found = new Set<string>(members.flatMap(kindsIn))
  const items = kinds.filter(([kind]) => found.has(kind))
  if (items.length === 0) return undefined
  return html`<ul class="legend">${items.map(([kind, name]) => html`<li><span class="swatch object ${kind}"></span>${name}</li>`)}<li class="quiet">widths by size, the first box is the configuration</li></ul>`
}

function kindsIn({ contents = [], manifest, status }: ReportMember): string[] {
  if (contents.length === 0)
    return [
      manifest === 'absent' && status !== 'off' ? 'absent' : status === 'pass' ? 'proven' : 'unseen-object',
    ]
  return contents.map(({ state, proof }) => {
    if (state === 'unknown') return 'unseen-object'
    return proof === 'listed' || proof === 'opened' ? 'listed' : state
  })
}

function list(entries: readonly ImageEntry[]): Html {
  const isWell = ({ target }: ImageEntry) => target.status === 'pass'
  const faulty = entries.filter((entry) => !isWell(entry))
  const shown = [...faulty, ...entries.filter(isWell)].slice(0, maxLines)
  const more = entries.length - shown.length
  return html`<details><summary>${count(entries.length, 'other image')}${faulty.length > 0 ? `, ${faulty.length} not well` : ''}</summary>
<ul class="plain mono">${shown.map(line)}</ul>
${more > 0 ? html`<p>and ${count(more, 'more image')}</p>` : undefined}</details>`
}

const line = ({ target, alsoTagged }: ImageEntry): Html =>
  html`<li>${mark(target.status)} ${target.reference}${alsoTagged.length > 0 ? ` (also ${alsoTagged.join(', ')})` : ''} <span class="quiet">${sizeText(target)}</span></li>
`

const sizeText = ({ members, sizeBytes }: ReportTarget): string =>
  [members.length > 1 ? count(members.length, 'platform') : '', bytesText(sizeBytes)]
    .filter(Boolean)
    .join(', ')
