import type { Configuration } from 'electron-builder'

const chartArchive = { ext: 'tgz', name: 'Helm chart', role: 'Viewer', mimeType: 'application/gzip' } as const

/**
 * What the installers are made of. The bundles hold every library, so the archive has `dist/app` and package.json
 * and no node_modules.
 */
export const configuration: Configuration = {
  appId: 'invalid.chartroom.app',
  productName: 'Chartroom',
  copyright: 'The Chartroom developers, Apache-2.0',
  directories: { buildResources: 'build', output: 'dist/installers' },
  files: ['dist/app/**', 'package.json', '!**/node_modules/**'],
  asar: true,
  icon: 'build/icons/icon.png',
  // nothing in the bundles is compiled for a platform
  npmRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
    // flipping a fuse breaks the ad-hoc signature without which Apple silicon starts nothing
    resetAdHocDarwinSignature: true,
  },
  mac: {
    target: [{ target: 'dmg', arch: ['x64', 'arm64'] }],
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    entitlements: 'build/entitlements/mac.plist',
    entitlementsInherit: 'build/entitlements/mac.plist',
    fileAssociations: [{ ...chartArchive, rank: 'Alternate' }],
  },
  win: { target: [{ target: 'nsis', arch: ['x64', 'arm64'] }] },
  nsis: { oneClick: false, allowToChangeInstallationDirectory: true },
  linux: {
    target: [
      { target: 'AppImage', arch: ['x64', 'arm64'] },
      { target: 'deb', arch: ['x64', 'arm64'] },
    ],
    category: 'Development',
    synopsis: 'Browse OCI registries and publish Helm charts',
    fileAssociations: [chartArchive],
  },
}
