import { type Content, type Html, html, trusted } from './markup.ts'

/** A picture drawn for one width, in pixels. */
export interface Drawing {
  width: number
  height: number
  content: Html[]
}

/** The widths that pictures are drawn for: a page of a desktop, and a phone. Nothing is scaled, so that text stays legible. */
const widths = { wide: 832, narrow: 326 } as const

/**
 * A picture in both widths, of which the page shows the one that fits. `label` says in a sentence what it shows; a list or table
 * beside it holds the details.
 */
export const picture = (label: string, draw: (width: number) => Drawing): Html =>
  html`<div class="picture">${Object.entries(widths).map(([name, width]) => svgOf(name, label, draw(width)))}</div>`

function svgOf(name: string, label: string, { width, height, content }: Drawing): Html {
  const size = Math.ceil(height)
  return html`<svg class="${name}" role="img" aria-label="${label}" width="${width}" height="${size}" viewBox="0 0 ${width} ${size}">${content}</svg>`
}

const round = (value: number): number => Math.round(value * 10) / 10

/** A rectangle. `title` shows when a pointer rests on it. */
export const rect = (
  kind: string,
  { x, y, width, height, r = 0 }: { x: number; y: number; width: number; height: number; r?: number },
  title?: string,
): Html =>
  html`<rect class="${kind}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(height)}" rx="${r}">${titleOf(title)}</rect>`

/** A line from one point to the next. */
export const path = (kind: string, points: readonly [number, number][]): Html =>
  html`<path class="${kind}" d="${dataOf(points)}"/>`

/** The area that is enclosed by points. */
export const area = (kind: string, points: readonly [number, number][]): Html =>
  html`<path class="${kind}" d="${dataOf(points)}Z"/>`

/** Numbers only, and however many: nothing to be escaped or cut. */
const dataOf = (points: readonly [number, number][]): Html =>
  trusted(points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join(''))

/** A line of text; `anchor` is the side that stands at `x`. */
export const text = (
  kind: string,
  x: number,
  y: number,
  content: Content,
  anchor: 'start' | 'middle' | 'end' = 'start',
): Html =>
  html`<text class="${kind}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${content}</text>`

export const circle = (kind: string, x: number, y: number, r: number, title?: string): Html =>
  html`<circle class="${kind}" cx="${round(x)}" cy="${round(y)}" r="${r}">${titleOf(title)}</circle>`

const titleOf = (title: string | undefined): Content =>
  title === undefined ? undefined : html`<title>${title}</title>`

/** As much of a text as fits into a width, at 13 pixels in a fixed pitch. */
export function fitting(content: string, width: number, pitch = 7.9): string {
  const room = Math.max(4, Math.floor(width / pitch))
  const units = [...content]
  return units.length <= room ? content : `${units.slice(0, room - 1).join('')}…`
}
