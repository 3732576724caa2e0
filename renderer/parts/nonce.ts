/** The nonce the host wrote into the page: style elements that libraries make must carry it. */
export function pageNonce(): string {
  return document.querySelector('meta[name="chartroom-nonce"]')?.getAttribute('content') ?? ''
}
