import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { findProgram } from './need.ts'
import { startProgram, statusOf } from './program.ts'
import { freePort } from './real-registry.ts'

/** An alert as Prometheus has it. */
interface Alert {
  labels: Record<string, string>
  annotations: Record<string, string>
  state: 'pending' | 'firing'
}

/** A running Prometheus of Debian, with an Alertmanager. */
export type Prometheus = {
  /** The alerts of this name that fire. */
  firing(name?: string): Promise<Alert[]>
  /** The alerts that Alertmanager would send, and those that it inhibits. */
  sent(): Promise<{ active: string[]; inhibited: string[] }>
  /** The value of an expression with one result; undefined without any. */
  value(expr: string): Promise<number | undefined>
  stop(): Promise<void>
}

interface PrometheusOptions {
  /** What it scrapes, every second. */
  target: string
  /** The text of a rule file. */
  rules: string
  /** The text of a configuration of Alertmanager. */
  alertmanager: string
}

/** Starts both programs on free ports, with their data in a temporary folder. */
export async function startPrometheus({
  target,
  rules,
  alertmanager,
}: PrometheusOptions): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-prometheus-'))
  const [port, managerPort] = [await freePort(), await freePort()]
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${managerPort}`] }] }] },
    scrape_configs: [{ job_name: 'regguard', honor_labels: true, static_configs: [{ targets: [target] }] }],
  }
  await mkdir(join(directory, 'manager'))
  await writeFile(join(directory, 'prometheus.yml'), stringify(config))
  await writeFile(join(directory, 'rules.yaml'), rules)
  await writeFile(join(directory, 'alertmanager.yml'), alertmanager)
  const manager = await startProgram(
    [
      findProgram('prometheus-alertmanager') ?? '',
      ...[`--config.file=${directory}/alertmanager.yml`, `--storage.path=${directory}/manager`],
      ...[`--web.listen-address=127.0.0.1:${managerPort}`, '--cluster.listen-address='],
    ],
    { ready: async () => (await statusOf(`http://127.0.0.1:${managerPort}/-/ready`)) === 200 },
  )
  const base = `http://127.0.0.1:${port}`
  const program = await startProgram(
    [
      findProgram('prometheus') ?? '',
      ...[`--config.file=${directory}/prometheus.yml`, `--storage.tsdb.path=${directory}/data`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--rules.alert.resend-delay=1s'],
    ],
    { ready: async () => (await statusOf(`${base}/-/ready`)) === 200 },
  ).catch(async (error: unknown) => {
    await manager.stop()
    throw error
  })
  return {
    async firing(name) {
      const { data } = await json(`${base}/api/v1/alerts`)
      const alerts: Alert[] = data.alerts
      return alerts.filter(
        ({ state, labels }) => state === 'firing' && (name === undefined || labels.alertname === name),
      )
    },
    async sent() {
      const alerts: { labels: Record<string, string>; status: { inhibitedBy: string[] } }[] = await json(
        `http://127.0.0.1:${managerPort}/api/v2/alerts?active=true&inhibited=true`,
      )
      const names = (inhibited: boolean) =>
        alerts
          .filter(({ status }) => status.inhibitedBy.length > 0 === inhibited)
          .map(({ labels }) => labels.alertname ?? '')
      return { active: names(false), inhibited: names(true) }
    },
    async value(expr) {
      const { data } = await json(`${base}/api/v1/query?query=${encodeURIComponent(expr)}`)
      const [first] = data.result
      return first === undefined ? undefined : Number(first.value[1])
    },
    async stop() {
      await program.stop()
      await manager.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the answers of two APIs.
const json = async (url: string): Promise<any> => (await fetch(url)).json()

/** The rules with all times divided by this number: ranges, `for` and `keep_firing_for`, and seconds that an age is compared with. */
export function shortened(rules: string, by: number): string {
  const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400 }
  const shorter = (time: string) =>
    time.replaceAll(/(\d+)([smhd])/g, (_, count, unit) => {
      const ms = Math.max(1000, Math.round((Number(count) * (units[unit] ?? 1) * 1000) / by))
      return `${ms}ms`
    })
  const read: { groups: { rules: Record<string, unknown>[] }[] } = parse(rules)
  for (const rule of read.groups.flatMap((group) => group.rules)) {
    for (const field of ['for', 'keep_firing_for'])
      if (rule[field] !== undefined) rule[field] = shorter(String(rule[field]))
    rule.expr = String(rule.expr)
      .replaceAll(/\[[^\]]*\]/g, shorter)
      .replaceAll(/\b3600\b/g, String(3600 / by))
  }
  return stringify(read)
}
