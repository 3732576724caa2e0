import type { App as ElectronApp } from 'electron'
import { readHandOver } from './launch.ts'

/**
 * Gathers the files the system hands over: named on the command line (`first`), dropped on the dock icon or opened
 * from a file manager, named to a second instance. Has to be called before the app is ready, because macOS sends
 * the file the app was started with before that. They wait until the returned function names who takes them.
 */
export function gatherFiles(
  app: ElectronApp,
  first: readonly string[],
): (take: (paths: string[]) => void) => void {
  let waiting = [...first]
  let take = (paths: string[]): void => void (waiting = [...waiting, ...paths])
  app.on('open-file', (event, path) => {
    event.preventDefault()
    take([path])
  })
  app.on('second-instance', (_event, _argv, _cwd, additionalData) => {
    const paths = readHandOver(additionalData)
    if (paths.length > 0) take(paths)
  })
  return (taker) => {
    take = taker
    if (waiting.length > 0) taker(waiting)
  }
}
