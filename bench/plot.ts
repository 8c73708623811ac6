/** A line of a plot: what it shows, and its points. */
export interface Line {
  name: string
  points: { x: number; y: number }[]
}

const size = { width: 640, height: 320 }
const edge = { left: 56, right: 170, top: 36, bottom: 44 }
const colours = ['#57606a', '#0969da', '#bf3989', '#bc4c00', '#1a7f37']

/** Draws lines over two axes that begin at zero, as SVG. */
export function plot(title: string, axes: { x: string; y: string }, lines: Line[]): string {
  const points = lines.flatMap((line) => line.points)
  const [maxX, maxY] = [
    Math.max(...points.map(({ x }) => x)),
    niceAbove(Math.max(...points.map(({ y }) => y))),
  ]
  const at = ({ x, y }: { x: number; y: number }) => ({
    x: round(edge.left + (x / maxX) * (size.width - edge.left - edge.right)),
    y: round(size.height - edge.bottom - (y / maxY) * (size.height - edge.top - edge.bottom)),
  })
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => ({ x: part * maxX, y: part * maxY }))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${size.width}" height="${size.height}" fill="#fff"/>`,
    text(edge.left, 20, title, 'font-weight="bold"'),
    ...ticks.flatMap((tick) => [
      text(at({ x: tick.x, y: 0 }).x, size.height - edge.bottom + 16, label(tick.x), 'text-anchor="middle"'),
      text(edge.left - 6, at({ x: 0, y: tick.y }).y + 4, label(tick.y), 'text-anchor="end"'),
      `<path d="M${edge.left} ${at({ x: 0, y: tick.y }).y}H${size.width - edge.right}" stroke="#d0d7de"/>`,
    ]),
    text((edge.left + size.width - edge.right) / 2, size.height - 8, axes.x, 'text-anchor="middle"'),
    text(edge.left - 44, edge.top - 6, axes.y),
    ...lines.flatMap((line, index) => drawn(line, colours[index % colours.length] ?? '#000', at)),
    '</svg>',
    '',
  ].join('\n')
}

function drawn(
  { name, points }: Line,
  colour: string,
  at: (point: { x: number; y: number }) => { x: number; y: number },
): string[] {
  const placed = points.toSorted((a, b) => a.x - b.x).map(at)
  const last = placed.at(-1)
  return [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${placed.map(({ x, y }) => `${x},${y}`).join(' ')}"/>`,
    ...placed.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`),
    ...(last ? [text(last.x + 8, last.y + 4, name, `fill="${colour}"`)] : []),
  ]
}

const text = (x: number, y: number, content: string, attributes = '') =>
  `<text x="${x}" y="${y}"${attributes && ` ${attributes}`}>${escaped(content)}</text>`

const escaped = (content: string) =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const round = (value: number) => Math.round(value * 10) / 10

const label = (value: number) => String(value >= 10 ? Math.round(value) : Math.round(value * 100) / 100)

/** The next of 1, 2, 4, 5 and 8 times a power of ten. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power
}
