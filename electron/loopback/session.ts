import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may talk to the browser host: whoever brought the one-use token got the cookie. */
export interface Session {
  /** In the address that is printed; good once. */
  readonly token: string
  /** The Set-Cookie value for the right token, the first time; undefined for any other and ever after. */
  exchange(token: string): string | undefined
  /** Whether a Cookie header proves the exchange. */
  isProven(cookieHeader: string | undefined): boolean
}

/** A session of the host on `port`. Cookies do not tell ports apart, so the port is in the cookie's name. */
export function createSession(port: number): Session {
  const token = randomBytes(32).toString('base64url')
  const secret = randomBytes(32).toString('base64url')
  const name = `chartroom-${port}`
  let spent = false
  return {
    token,
    exchange: (given) => {
      if (spent || !isSame(given, token)) return undefined
      spent = true
      return `${name}=${secret}; Path=/; HttpOnly; SameSite=Strict`
    },
    isProven: (header) =>
      (header ?? '').split(';').some((pair) => {
        const [key, value] = pair.trim().split('=', 2)
        return key === name && isSame(value ?? '', secret)
      }),
  }
}

/** Compares digests, so that neither length nor time tells how near a guess was. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
