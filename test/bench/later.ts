const counted =
  /^((?:spegel_mirror_requests_total|(?:http_request_duration_seconds|http_response_size_bytes|spegel_resolve_duration_seconds)_(?:bucket|count))\{[^\n]*\}) (\d+)$/gm
const summed = /^((?:http_request_duration_seconds|spegel_resolve_duration_seconds)_sum\{[^\n]*\}) (\S+)$/gm

/** Requests of every kind between two rounds, and the seconds each of them took: less than any bucket's bound. */
const requests = 3
const seconds = 0.002

/** The metrics of the same agent so many rounds later: what it counts per request has grown a little. */
export function later(text: string, rounds: number): string {
  const grown = rounds * requests
  return text
    .replace(counted, (_, series: string, value: string) => `${series} ${Number(value) + grown}`)
    .replace(summed, (_, series: string, value: string) => `${series} ${Number(value) + grown * seconds}`)
}
