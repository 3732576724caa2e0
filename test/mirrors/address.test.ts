import { describe, expect, it } from 'vitest'
import { metricsUrl } from '../../electron/mirrors/address.ts'
import { FailureError } from '../../shared/model/failure.ts'

describe('metricsUrl', () => {
  it.each([
    ['10.0.0.5:9091', 'http://10.0.0.5:9091/metrics'],
    [' node-1:9090 ', 'http://node-1:9090/metrics'],
    ['node-1', 'http://node-1:9090/metrics'],
    ['node-1/proxy/metrics', 'http://node-1:9090/proxy/metrics'],
    ['node-1:80', 'http://node-1/metrics'],
    ['[fd00::5]:9091', 'http://[fd00::5]:9091/metrics'],
    ['[fd00::5]', 'http://[fd00::5]:9090/metrics'],
    ['fd00::5', 'http://[fd00::5]:9090/metrics'],
    ['http://node-1:9090', 'http://node-1:9090/metrics'],
    ['http://node-1:9090/metrics', 'http://node-1:9090/metrics'],
    ['https://node-1/k/proxy/metrics?x=1#y', 'https://node-1/k/proxy/metrics?x=1'],
    ['HTTP://Node-1:9090/', 'http://node-1:9090/metrics'],
  ])('makes of %s %s', (address, url) => {
    expect(metricsUrl(address)).toBe(url)
  })

  it.each([
    ['ftp://node-1:9090'],
    ['http://'],
    ['node 1:9090'],
    ['node-1:99999'],
    ['http://me:secret@node-1:9090'],
    ['[fd00::5:9090'],
    [':9090'],
    ['/metrics'],
  ])('refuses %s by name', (address) => {
    try {
      metricsUrl(address)
    } catch (error) {
      expect(error).toBeInstanceOf(FailureError)
      const { failure } = error as FailureError
      expect(failure).toMatchObject({ kind: 'input-invalid', phase: 'input', next: ['check-address'] })
      expect(failure.message).toContain(address)
      return
    }
    throw new Error('it was taken')
  })
})
