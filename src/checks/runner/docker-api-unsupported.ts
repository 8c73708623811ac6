import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-api-unsupported',
  title: 'the engine speaks a version of its API that regguard knows',
  fault: 'The engine and regguard have no version of the API in common: nothing could be asked of it.',
  severity: 'error',
  advice: 'Use a newer regguard, or an engine that is neither so old nor so new.',
  reads: ['runner.vantage'],
  run: ({ vantage: { socket } }) => {
    if (socket.state !== 'unsupported') return []
    const { path, version, min, max, ours } = socket
    return [
      {
        subject: path,
        message: `the engine ${version} speaks API ${min} to ${max}, regguard ${ours}`,
        expected: `a version among ${ours}`,
        actual: `${min} to ${max}`,
      },
    ]
  },
})
