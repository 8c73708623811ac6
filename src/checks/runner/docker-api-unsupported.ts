import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'docker-api-unsupported',
  title: 'the engine supports an API version that regguard speaks',
  fault:
    'No common API version: the engine supports none of the API versions that regguard speaks, so it could not be queried.',
  severity: 'error',
  advice: 'Update regguard if the engine is newer, or the engine if it is older.',
  reads: ['runner.vantage'],
  run: ({ vantage: { socket } }) => {
    if (socket.state !== 'unsupported') return []
    const { path, version, min, max, ours } = socket
    return [
      {
        subject: path,
        message: `engine ${version} supports API ${min} to ${max}, regguard ${ours}`,
        expected: `a version within ${ours}`,
        actual: `${min} to ${max}`,
      },
    ]
  },
})
