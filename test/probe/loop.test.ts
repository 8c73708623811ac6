import { expect, test } from 'vitest'
import { probeLoop } from '../../src/probe/loop.ts'
import type { Report } from '../../src/report/schema.ts'
import { reportOf } from '../report/reports.ts'

/** The runs of a loop whose reports a test makes; it ends with the last of them. */
async function looped(reports: Report[]) {
  const controller = new AbortController()
  const told: [Report, boolean][] = []
  let runs = 0
  await probeLoop({
    ...{ intervalMs: 1, signal: controller.signal, now: () => 0, random: () => 0 },
    probe: async () => {
      const report = reports[runs] ?? reportOf()
      runs += 1
      return report
    },
    onReport: async (report, isNew) => {
      told.push([report, isNew])
      if (runs === reports.length) controller.abort()
    },
  })
  return told
}

test('each run is told, and as new only where what fails is another', async () => {
  const well = reportOf()
  const failing: Report = {
    ...well,
    causes: [
      {
        ...{ id: 'endpoint-failing', group: 'path', severity: 'error', title: 'x', advice: 'y', page: 'z' },
        findings: [
          {
            ...{ id: 'endpoint-failing', group: 'path', severity: 'error', subject: 'ghcr.io' },
            ...{ message: 'm', evidence: [], advice: 'y' },
          },
        ],
      },
    ],
  }
  const told = await looped([well, well, failing, { ...failing, durationMs: 7 }, well])
  expect(told.map(([, isNew]) => isNew)).toEqual([true, false, true, false, true])
})

test('a run that the signal cuts off is not told', async () => {
  const controller = new AbortController()
  const told: Report[] = []
  await probeLoop({
    ...{ intervalMs: 1, signal: controller.signal, now: () => 0, random: () => 0 },
    probe: async () => {
      controller.abort()
      return reportOf()
    },
    onReport: async (report) => void told.push(report),
  })
  expect(told).toEqual([])
})
