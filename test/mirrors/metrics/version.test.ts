import { describe, expect, it } from 'vitest'
import { versionOf } from '../../../electron/mirrors/metrics/version.ts'

const requests = 'spegel_mirror_requests_total'
const success = 'spegel_mirror_last_success_timestamp_seconds'
const http = (handler: string) => `http_request_duration_seconds{handler="${handler}"}`

describe('versionOf', () => {
  it.each([
    ['an old gin server', [http('/v2/*params'), `${requests}{source}`], '0.0.5 to 0.0.20'],
    [
      'buckets for seconds on bytes',
      [http('/v2/*'), 'http_response_size_bytes{le="0.005"}'],
      '0.0.21 to 0.0.30',
    ],
    [
      'the source label with buckets for bytes',
      [`${requests}{source}`, 'http_response_size_bytes{le="1024"}'],
      '0.1',
    ],
    ['no source label and the old probe', [`${requests}{cache,registry}`, http('/healthz')], '0.2 to 0.3'],
    ['debug web measured beside the old probe', [http('/debug/web/*'), http('/healthz')], '0.3'],
    ['a last success that moves on misses', [success, `${success} without a hit`], '0.4'],
    ['gauges that 0.6 gave up', [success, 'spegel_advertised_images'], '0.4 to 0.5'],
    ['gauges that 0.6 has', [success, 'spegel_advertised_content_digests'], '0.6 to 0.7'],
    ['a last success alone', [success], '0.4 to 0.7'],
    ['an endpoint of 0.7', [success, http('/debug/web/metadata')], '0.7'],
    ['a family of go-libp2p 0.48', [success, 'libp2p_rcmgr_connections', 'libp2p_rcmgr_limit'], '0.7'],
    ['go-libp2p without that family', [success, 'libp2p_rcmgr_connections'], '0.4 to 0.6'],
    [
      'the same in k3s, which says nothing',
      [success, 'libp2p_rcmgr_connections', 'kubelet_node_name'],
      '0.4 to 0.7',
    ],
    ['only the requests, as Prometheus may keep them', [requests], '0.0.5 to 0.3'],
  ])('tells by %s', (_, traits, range) => {
    expect(versionOf(traits)).toMatchObject({ range, from: 'families' })
  })

  it('says what it saw and what that means', () => {
    expect(versionOf([success, `${success} without a hit`, 'libp2p_rcmgr_connections']).evidence).toEqual([
      { seen: success, means: '≥ 0.4' },
      { seen: `${success} without a hit`, means: '0.4' },
      { seen: 'no libp2p_rcmgr_limit', means: '≤ 0.6' },
    ])
  })

  it.each([
    ['ghcr.io/spegel-org/spegel:v0.7.4', '0.7.4'],
    ['ghcr.io/spegel-org/spegel:v0.7.4@sha256:abc', '0.7.4'],
    ['localhost:5000/mirror/spegel:0.6.0', '0.6.0'],
    ['registry.example/spegel-custom:0.8.0-rc.1', '0.8.0-rc.1'],
    ['spegel:v0.0.30', '0.0.30'],
  ])('takes the tag of %s', (image, range) => {
    const version = versionOf([success], image)
    expect(version).toMatchObject({ range, from: 'image' })
    expect(version.evidence).toEqual([
      { seen: image, means: range },
      { seen: success, means: '≥ 0.4' },
    ])
  })

  it.each([
    'ghcr.io/spegel-org/spegel@sha256:abc',
    'ghcr.io/spegel-org/spegel:latest',
    'ghcr.io/spegel-org/spegel:v0',
    'registry.example:5000/spegel',
    'registry.example/spegel/other:v1.2.3',
    'rancher/k3s:v1.33.1-k3s1',
  ])('goes by the metrics where %s does not say', (image) => {
    expect(versionOf([success], image)).toMatchObject({ range: '0.4 to 0.7', from: 'families' })
  })

  it('says nothing of what contradicts itself, but shows it', () => {
    const version = versionOf([`${requests}{source}`, success])
    expect(version).not.toHaveProperty('range')
    expect(version).toMatchObject({ from: 'unknown', evidence: [{ means: '≤ 0.1' }, { means: '≥ 0.4' }] })
  })

  it('says nothing of nothing', () => {
    expect(versionOf([])).toEqual({ from: 'unknown', evidence: [] })
  })
})
