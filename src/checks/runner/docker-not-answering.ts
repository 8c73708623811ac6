import type { Fault } from '../../core/finding.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'vantage' | 'programs' | 'daemons'>

export default runnerCheck({
  id: 'docker-not-answering',
  title: 'the container engine answers at its socket',
  fault:
    'Docker does not answer: its socket exists, but no daemon answers there, so no container can be started.',
  severity: 'error',
  advice: 'See why it ended: “journalctl -u docker -n 50”. Then start it: “systemctl start docker”.',
  reads: ['runner.vantage'],
  consults: ['runner.programs', 'runner.daemons'],
  run: (runner) => {
    const { socket } = runner.vantage
    if (socket.state !== 'useless' || socket.silence === undefined) return []
    return [socket.silence === 'no listener' ? endedFault(socket.path, runner) : hangingFault(socket, runner)]
  },
})

/**
 * Whether a daemon runs in the host's namespace; undefined where the host's processes cannot be seen. A dockerd that is not among
 * `daemons` belongs to a nested engine.
 */
function isRunning({ programs, daemons = [] }: View): boolean | undefined {
  return daemons.length > 0 || (programs.seen ? false : undefined)
}

function endedFault(path: string, runner: View): Fault {
  if (isRunning(runner)) {
    return {
      subject: path,
      message: 'the socket exists and nothing listens on it, although an engine runs',
      cause: 'stale socket',
      title:
        'Stale socket: the engine runs, but not at this socket; it was restarted, or it listens elsewhere.',
      advice:
        'Mount the socket again by restarting this container: a volume keeps the old file after the engine created a new one. Or name the engine’s socket in the setting docker_socket.',
    }
  }
  return {
    subject: path,
    message: `the socket exists, and nothing listens on it: ${isRunning(runner) === false ? 'dockerd is not running' : 'the daemon that created it has ended'}`,
    cause: 'ended',
    title:
      'Docker is not running: its socket is still there, but no daemon answers, so no container can be started.',
  }
}

function hangingFault({ path, why }: { path: string; why: string }, runner: View): Fault {
  return {
    subject: path,
    message: `the socket accepts connections and nothing answers: ${why}`,
    cause: 'hanging',
    title:
      'Docker hangs: its socket accepts connections, but the daemon does not answer, so no job can be started.',
    ...(isRunning(runner) ? { evidence: ['a daemon runs on this host'] } : {}),
    advice:
      'Save the stacks of its goroutines for a bug report: “kill -USR1 $(pidof dockerd)”; its log names the file. When no job is running, restart it: “systemctl restart docker”.',
  }
}
