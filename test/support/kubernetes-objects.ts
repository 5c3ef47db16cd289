/** The discovery documents of the API server: the minimum that kubectl needs. */
export const DISCOVERY: Record<string, object> = {
  '/version': { major: '1', minor: '34', gitVersion: 'v1.34.1-eks-local', platform: 'linux/amd64' },
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: [
      {
        name: 'authentication.k8s.io',
        versions: [{ groupVersion: 'authentication.k8s.io/v1', version: 'v1' }],
        preferredVersion: { groupVersion: 'authentication.k8s.io/v1', version: 'v1' },
      },
    ],
  },
  '/api/v1': {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'v1',
    resources: [
      { name: 'namespaces', kind: 'Namespace', namespaced: false, shortNames: ['ns'], verbs: ['get', 'list'] },
    ],
  },
  '/apis/authentication.k8s.io/v1': {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: 'authentication.k8s.io/v1',
    resources: [{ name: 'selfsubjectreviews', kind: 'SelfSubjectReview', namespaced: false, verbs: ['create'] }],
  },
}

const NAMESPACES = ['default', 'kube-system', 'payments'].map((name) => ({
  metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { phase: 'Active' },
}))

export const namespaceList = { kind: 'NamespaceList', apiVersion: 'v1', metadata: {}, items: NAMESPACES }

/** The table representation that kubectl requests: the server defines the columns. */
export const namespaceTable = {
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: {},
  columnDefinitions: ['Name', 'Status', 'Age'].map((name) => ({ name, type: 'string', format: '', priority: 0 })),
  rows: NAMESPACES.map(({ metadata, status }) => ({
    cells: [metadata.name, status.phase, '300d'],
    object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
  })),
}

/** The identity of the caller; as on EKS, `extra` contains the access key id. */
export function selfSubjectReview(accessKeyId: string) {
  return {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    status: {
      userInfo: { username: 'demo-user', groups: ['system:authenticated'], extra: { accessKeyId: [accessKeyId] } },
    },
  }
}

export function status(code: number, reason: string, message: string) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code }
}
