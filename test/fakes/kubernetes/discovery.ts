/** The API server's own description, as much of it as kubectl needs to find pods and nodes. */
export const discovery: Readonly<Record<string, object>> = {
  '/api': {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [],
  },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      resource('pods', 'Pod', true, ['po']),
      resource('pods/proxy', 'PodProxyOptions', true),
      resource('nodes', 'Node', false, ['no']),
      resource('nodes/proxy', 'NodeProxyOptions', false),
    ],
  },
  '/version': { major: '1', minor: '35', gitVersion: 'v1.35.0', platform: 'linux/amd64' },
}

function resource(name: string, kind: string, namespaced: boolean, shortNames?: string[]) {
  const verbs = name.includes('/') ? ['get'] : ['get', 'list', 'watch']
  return {
    name,
    singularName: name.includes('/') ? '' : kind.toLowerCase(),
    namespaced,
    kind,
    verbs,
    ...(shortNames === undefined ? {} : { shortNames }),
  }
}
