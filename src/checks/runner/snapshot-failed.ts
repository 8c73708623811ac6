import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'snapshot-failed',
  title: 'the snapshot of the host that was asked for could be taken',
  fault: 'No snapshot of the host could be taken, and host_snapshot asks for one.',
  severity: 'warning',
  advice:
    'Mount the socket of the engine that runs this step, let this user open it, and run regguard’s own image; or take host_snapshot out.',
  reads: ['runner.vantage'],
  run: ({ vantage: { snapshotFailed } }) =>
    snapshotFailed === undefined ? [] : [{ subject: 'host_snapshot', message: snapshotFailed }],
})
