import { bytesText, count } from '../../core/units.ts'
import { shortDigest } from '../../oci/digest.ts'
import type { ReportMember, ReportTarget } from '../../report/schema.ts'
import { clean } from '../terminal/clean.ts'
import type { Html } from './markup.ts'
import { type Drawing, fitting, path, picture, rect, text } from './svg.ts'

type ReportObject = NonNullable<ReportMember['contents']>[number]

/** So many platform images are drawn. */
const maxRows = 16

/** A tag with what is below it: index, platform images, and each image's configuration and layers by their sizes. */
export function imagePicture(target: ReportTarget): Html {
  const bad = target.members.filter(({ status }) => status === 'fail').length
  const shown = target.kind === 'index' ? 'an index' : 'one image'
  const label = `${target.reference}: ${shown} with ${count(target.members.length, 'platform')}, ${bad} of them broken`
  return picture(label, (width) => draw(target, width))
}

function draw(target: ReportTarget, width: number): Drawing {
  const members = target.members.slice(0, maxRows)
  const more = target.members.length - members.length
  const isWide = width > 500
  const rowHeight = isWide ? 34 : 52
  const content: Html[] = [text('name', 0, 16, fitting(clean(target.reference, 200), width))]
  let y = 26
  const trunk = 9
  if (target.digest !== undefined) {
    const parts = [target.kind ?? 'manifest', shortDigest(target.digest)]
    if (target.attestations > 0 && isWide) parts.push(`+ ${count(target.attestations, 'attestation')}`)
    if (target.referrers !== undefined && target.referrers > 0 && isWide)
      parts.push(`+ ${count(target.referrers, 'referrer')}`)
    content.push(
      branch(trunk, y - 4, y + 14),
      text('detail', 24, y + 18, fitting(parts.join(' '), width - 24)),
    )
    y += 30
  }
  for (const member of members) {
    content.push(branch(trunk + 16, y - 4, y + 14), ...memberRow(member, y, width, isWide))
    y += rowHeight
  }
  if (more > 0) {
    content.push(text('detail', 42, y + 16, `and ${count(more, 'more platform')}`))
    y += 26
  }
  return { width, height: y + 4, content }
}

const branch = (x: number, from: number, to: number): Html =>
  path('branch', [
    [x, from],
    [x, to],
    [x + 10, to],
  ])

function memberRow(member: ReportMember, y: number, width: number, isWide: boolean): Html[] {
  const name = clean(member.platform || 'image', 60)
  const [left, right] = isWide ? [214, width - 152] : [42, width]
  const barY = isWide ? y + 5 : y + 25
  const size = member.sizeBytes > 0 ? bytesText(member.sizeBytes) : ''
  const state = stateText(member)
  return [
    text(`name ${member.status}`, 42, y + 19, fitting(name, isWide ? 164 : 170)),
    ...(isWide
      ? [
          text(
            state === undefined ? 'detail' : `detail ${member.status}`,
            right + 12,
            y + 19,
            fitting(state ?? size, 140, 7),
          ),
        ]
      : [
          text(
            state === undefined ? 'detail' : `detail ${member.status}`,
            width,
            y + 19,
            fitting(state ?? size, 112, 7),
            'end',
          ),
        ]),
    ...bar(member, { x: left, y: barY, width: right - left, height: 18 }),
  ]
}

/** What is wrong, in two words; undefined where all is well. */
function stateText({ manifest, contents = [], status }: ReportMember): string | undefined {
  if (manifest === 'absent' && status !== 'off') return 'manifest missing'
  if (manifest === 'damaged') return 'manifest damaged'
  const n = (state: ReportObject['state']) => contents.filter((one) => one.state === state).length
  if (n('absent') > 0) return `${n('absent')} missing`
  if (n('damaged') > 0) return `${n('damaged')} damaged`
  if (status === 'unknown') return 'not inspected'
  if (status === 'fail') return 'broken'
  return status === 'off' ? 'not served here' : undefined
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Configuration and layers side by side, as wide as they are large; a frame where none is known. */
function bar({ manifest, contents = [], status, digest }: ReportMember, box: Box): Html[] {
  if (contents.length === 0) {
    const isGone = manifest === 'absent' && status !== 'off'
    const kind = isGone ? 'absent' : status === 'pass' ? 'proven' : 'unseen-object'
    return [
      rect(`object ${kind}`, { ...box, r: 3 }, digest),
      ...(isGone
        ? [text('inside', box.x + 8, box.y + 13, fitting(shortDigest(digest), box.width - 16, 7))]
        : []),
    ]
  }
  const gap = 2
  const smallest = 5
  const room = box.width - gap * (contents.length - 1)
  const total = contents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) || 1
  const wanted = contents.map(({ sizeBytes }) => Math.max(smallest, (sizeBytes / total) * room))
  const scale = room / wanted.reduce((sum, one) => sum + one, 0)
  let x = box.x
  return contents.map((object, at) => {
    const width = (wanted[at] ?? 0) * scale
    const drawn = rect(`object ${kindOf(object)}`, { ...box, x, width, r: 2 }, titleOf(object))
    x += width + gap
    return drawn
  })
}

const kindOf = ({ state, proof, role }: ReportObject): string => {
  if (state === 'unknown') return 'unseen-object'
  if (state !== 'proven') return state
  return `proven ${proof ?? ''} ${role}`
}

const titleOf = ({ role, digest, sizeBytes, state, proof }: ReportObject): string =>
  `${role} ${digest}, ${bytesText(sizeBytes)}: ${proof === undefined ? state : proofText[proof]}`

const proofText = {
  listed: 'listed',
  opened: 'opened',
  'last-byte': 'last byte served',
  whole: 'read and hashed',
} as const
