/** Returns a function that gives the milliseconds since its last call. */
export function stopwatch(): () => number {
  let since = performance.now()
  return () => {
    const [before, at] = [since, performance.now()]
    since = at
    return Math.round(at - before)
  }
}
