/** One metric: its name, and its samples. */
export interface MetricFamily {
  /** A constant of the code: text from outside goes into labels only. */
  name: string
  help: string
  type: 'gauge' | 'counter'
  samples: Sample[]
}

/** One value, with labels that tell it from the others of its metric. */
export interface Sample {
  labels: Record<string, string>
  value: number
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/**
 * Metrics in the text format 0.0.4 of Prometheus, without timestamps: node_exporter's textfile collector skips a whole file that has
 * one. A metric without samples is left out. Throws for names that Prometheus would reject, which is a bug.
 */
export function prometheusText(families: readonly MetricFamily[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, type, samples }) => {
      if (!metricName.test(name)) throw new Error(`not the name of a metric: ${name}`)
      return [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${valueText(value)}`),
      ]
    })
  return lines.map((line) => `${line}\n`).join('')
}

/** The same in the format of OpenMetrics 1.0, in which a counter is named without its `_total` and the text has an end. */
export function openMetricsText(families: readonly MetricFamily[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, type, samples }) => {
      if (!metricName.test(name)) throw new Error(`not the name of a metric: ${name}`)
      if (type === 'counter' && !name.endsWith('_total')) throw new Error(`a counter without _total: ${name}`)
      const family = type === 'counter' ? name.slice(0, -'_total'.length) : name
      return [
        `# TYPE ${family} ${type}`,
        `# HELP ${family} ${escaped(help)}`,
        ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${valueText(value)}`),
      ]
    })
  return [...lines, '# EOF'].map((line) => `${line}\n`).join('')
}

/** The value of the first sample of a metric with these labels in a text that `prometheusText` wrote; undefined if there is none. */
export function readSample(text: string, name: string, labels: Record<string, string>): number | undefined {
  const start = `${name}${labelText(labels)} `
  const line = text.split('\n').find((one) => one.startsWith(start))
  const value = line === undefined ? Number.NaN : Number(line.slice(start.length))
  return Number.isNaN(value) ? undefined : value
}

function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    if (!labelName.test(name)) throw new Error(`not the name of a label: ${name}`)
    return `${name}="${escaped(value)}"`
  })
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** Lone surrogates are replaced: the file is UTF-8. */
const escaped = (value: string): string =>
  value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

function valueText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
