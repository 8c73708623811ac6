import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'snapshot-failed',
  title: 'the host snapshot was taken as requested',
  fault: 'Host snapshot failed: host_snapshot is set, but no snapshot of the host could be taken.',
  severity: 'warning',
  advice:
    'Mount the socket of the engine that runs this step, let this user open it, and run regguard’s own image; or remove host_snapshot.',
  reads: ['runner.vantage'],
  run: ({ vantage: { snapshotFailed } }) =>
    snapshotFailed === undefined ? [] : [{ subject: 'host_snapshot', message: snapshotFailed }],
})
