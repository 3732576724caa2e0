import { type Logger, destination, pino } from 'pino'

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>

/**
 * JSON lines on stderr: stdout belongs to what the app was asked for. Written at once, so that the last words
 * before an exit are not lost, and without the values of fields that may carry a secret.
 */
export function createLog(): Log {
  return pino(
    {
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      redact: {
        paths: ['password', 'token', 'secret', 'headers', '*.password', '*.token', '*.secret', '*.headers'],
        censor: '•••',
      },
    },
    destination({ fd: 2, sync: true }),
  )
}
