/** How a kubeconfig, its directory and the environment differ from those that work. */
export interface Row {
  /** Replaces the user entry. */
  readonly user?: string
  /** Replaces the exec block's lines, at the same indentation. */
  readonly exec?: string
  /** Further lines of the cluster entry. */
  readonly cluster?: string
  /** Changes the text of the kubeconfig. */
  readonly edit?: (text: string, place: Place) => string | Uint8Array
  /** Of the server: it selects another behavior. */
  readonly path?: string
  /** Further variables; an empty value removes one. */
  readonly env?: Record<string, string>
  /** Further files in the home directory; those in bin are executable. */
  readonly files?: Record<string, string>
  /** KUBECONFIG, with `~` for the home directory. */
  readonly kubeconfig?: string
  /** Further arguments of kubectl and of doctor. */
  readonly args?: readonly string[]
}

/** What rows refer to. */
export interface Place {
  readonly url: string
  readonly socksPort: number
  /** Of another certificate authority. */
  readonly otherCa: string
  readonly ca: string
  readonly clientKey: string
  readonly clientCertificate: string
  /** Valid for an hour. */
  readonly token: string
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const replace = (from: string | RegExp, to: string) => (text: string) => {
  if (!(typeof from === 'string' ? text.includes(from) : from.test(text))) throw new Error(`no ${from} in ${text}`)
  return text.replace(from, to)
}
const append = (more: string) => (text: string) => text + more

const V1BETA1 = 'client.authentication.k8s.io/v1beta1'
const ARGS = '[--cluster-name, demo, --region, us-west-2]'
const exec = (command: string, args = ARGS, more = ''): string =>
  `apiVersion: ${V1BETA1}\ncommand: ${command}\nargs: ${args}\n${more}`
const awsArgs = (...more: string[]) =>
  `[--region, us-west-2, eks, get-token, --cluster-name, demo${more.map((word) => `, ${word}`).join('')}]`
const OWN = exec('eks-get-token')
/** The user entry with the exec block and another credential. */
const beside = (more: string): string => `${more}\nexec:\n${OWN.replace(/^(?=.)/gm, '  ')}`
/** A token that the API server accepts beside an exec block that kubectl does not run. */
const besideToken = (block: string): Row => ({
  user: `token: TOKEN\nexec:\n${block.replace(/^(?=.)/gm, '  ')}`,
  edit: (text, { token }) => text.replace('TOKEN', token),
})
/** A token that the API server accepts beside an auth-provider. */
const besideProvider = (provider: string): Row => ({
  user: `token: TOKEN\nauth-provider: ${provider}\n`,
  edit: (text, { token }) => text.replace('TOKEN', token),
})
const jwt = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
const oidc = (more: string): string =>
  `{name: oidc, config: {idp-issuer-url: "https://issuer.example.com", client-id: a, ${more}}}`
/** The certificate authority's data as a list of the numbers of its bytes. */
const asNumbers =
  (change: (bytes: number[]) => unknown[] = (bytes) => bytes) =>
  (text: string) =>
    text.replace(
      /certificate-authority-data: (.*)/,
      (_, data: string) => `certificate-authority-data: [${change([...Buffer.from(data, 'base64')]).join(', ')}]`,
    )
const wide = (bytes: number): string => 'x'.repeat(bytes)
const CONFIG = '[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-AKIDEXAMPLE\n'
const NO_KEYS = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }
const ROLE = 'arn:aws:iam::123456789012:role/deployer'
const DEAD_PROXY = { HTTPS_PROXY: 'http://127.0.0.1:1' }

/** Kubeconfigs with which kubectl gets in. */
export const IN: Record<string, Row> = {
  'the short exec block': {},
  'the exec block of the AWS CLI': { exec: exec('aws', awsArgs('--output', 'json')) },
  'apiVersion v1': { exec: `${OWN.replace('v1beta1', 'v1')}interactiveMode: IfAvailable\n` },
  'an empty interactiveMode with v1beta1': { exec: `${OWN}interactiveMode: ""\n` },
  'interactiveMode Never': { exec: `${OWN}interactiveMode: Never\n` },
  'an install hint and unknown fields': { exec: `${OWN}installHint: x\nunknown: [1]\n` },
  'a null for args and env': { exec: exec('eks-get-token --', ARGS, 'env: ~\n').replace(' --', '') },
  'a merge key for the exec block': {
    edit: (text) =>
      `x: &exec\n  apiVersion: ${V1BETA1}\n  args: ${ARGS}\n${text.replace(/exec:\n[\s\S]*$/, 'exec:\n      <<: *exec\n      command: eks-get-token\n')}`,
  },
  'an anchor and an alias': {
    edit: (text) =>
      text.replace('  name: local', '  name: &n local').replace('current-context: local', 'current-context: *n'),
  },
  'a second document': { edit: append('---\nkind: Other\nusers: [\n') },
  'a document marker at the start and the end': { edit: (text) => `---\n${text}...\n` },
  'UTF-16, little-endian': { edit: (text) => Buffer.from(`\ufeff${text}`, 'utf16le') },
  'UTF-16, big-endian': { edit: (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16() },
  'UTF-8 with a byte order mark': { edit: (text) => `\ufeff${text}` },
  'CRLF line breaks': { edit: (text) => text.replaceAll('\n', '\r\n') },
  'tabs in comments': { edit: (text) => `#\tcomment\n${text}` },
  'no kind and no apiVersion': { edit: (text) => text.replace('kind: Config\n', '').replace(/^apiVersion: v1\n/, '') },
  'a key twice, of which the last counts': { edit: (text) => `current-context: other\n${text}` },
  'the certificate authority on several lines': {
    edit: (text) =>
      text.replace(
        /(certificate-authority-data: )(.*)/,
        (_, key, data: string) => `${key}|\n${data.replace(/.{1,64}/g, '        $&\n')}`,
      ),
  },
  'the certificate authority in a relative file': {
    edit: (text) => text.replace(/certificate-authority-data: .*/, 'certificate-authority: ca.pem'),
    files: {},
  },
  'a blank at the end of the cluster name': {
    exec: exec('eks-get-token', '[--cluster-name, "demo ", --region, us-west-2]'),
  },
  '--cluster-name= and an abbreviated option': {
    exec: exec('aws', '[eks, get-token, --cluster-n=demo, --region=us-west-2]'),
  },
  '--output yaml': { exec: exec('aws', awsArgs('--output', 'yaml')) },
  'a query for the whole output': { exec: exec('aws', awsArgs('--query', "'@'")) },
  'AWS_DEFAULT_OUTPUT=text, which --output json overrides': {
    exec: exec('aws', awsArgs('--output', 'json')),
    env: { AWS_DEFAULT_OUTPUT: 'text' },
  },
  'AWS_DEFAULT_OUTPUT=text with this program': { env: { AWS_DEFAULT_OUTPUT: 'text' } },
  'a slash at the end of the server': { edit: replace(/(server: .*)/, '$1/') },
  'a query in the server': { edit: replace(/(server: .*)/, '$1/?x=1#y') },
  'an upper-case scheme': { edit: replace('server: https', 'server: HTTPS') },
  'a tls-server-name that the certificate has': { cluster: 'tls-server-name: kubernetes' },
  'disable-compression': { cluster: 'disable-compression: true' },
  'insecure-skip-tls-verify without a certificate authority': {
    edit: (text) => text.replace(/certificate-authority-data: .*/, 'insecure-skip-tls-verify: true'),
  },
  'a socks5 proxy-url': {
    edit: (text, { socksPort }) =>
      text.replace('    server:', `    proxy-url: socks5://127.0.0.1:${socksPort}\n    server:`),
  },
  'a relative command': { exec: exec('./bin/eks-get-token') },
  'a relative entry of PATH that comes later': { env: { PATH: '~/bin:/usr/bin:/bin:.' } },
  'a relative entry of PATH without the command': { env: { PATH: '.:~/bin:/usr/bin:/bin' } },
  'a profile in env': {
    exec: `${OWN}env: [{name: AWS_PROFILE, value: base}]\n`,
    env: NO_KEYS,
    files: { '.aws/config': CONFIG },
  },
  'a config file in env': {
    exec: `${OWN}env: [{name: AWS_CONFIG_FILE, value: other}, {name: AWS_PROFILE, value: base}]\n`,
    env: NO_KEYS,
    files: { other: CONFIG },
  },
  'a number in quotes in env': { exec: `${OWN}env: [{name: A, value: "1"}, {name: B, value: 'true'}, {name: C}]\n` },
  'a role': { exec: exec('eks-get-token', `[--cluster-name, demo, --region, us-west-2, --role-arn, "${ROLE}"]`) },
  provideClusterInfo: { exec: `${OWN}provideClusterInfo: true\n` },
  'arguments from the cluster': {
    exec: exec('eks-get-token', '[--region, us-west-2]', 'provideClusterInfo: true\n'),
    cluster: 'extensions: [{name: client.authentication.k8s.io/exec, extension: {clusterName: demo}}]',
  },
  'a password without a username': { user: beside('password: x') },
  'as a user that the identity may impersonate': { user: beside('as: jane') },
  'as a user with groups and extra': {
    user: beside('as: jane\nas-uid: "1"\nas-groups: [a, b]\nas-user-extra: {"a/b": [c]}'),
  },
  'a valid token beside the exec block': {
    user: beside('token: TOKEN'),
    edit: (text, { token }) => text.replace('TOKEN', token),
  },
  'a valid token beside interactiveMode Always': besideToken(`${OWN}interactiveMode: Always\n`),
  'a valid tokenFile beside the exec block': { user: beside('tokenFile: token'), files: {} },
  'a valid token beside an auth-provider': besideProvider(oidc('')),
  'a valid token beside an auth-provider whose id-token has expired': besideProvider(
    oidc(`id-token: ${jwt({ exp: 1 })}`),
  ),
  'a valid token beside an auth-provider that is null': besideProvider('~'),
  'an apiVersion with an empty group': { edit: replace(/^apiVersion: v1$/m, 'apiVersion: /v1') },
  'an apiVersion without group and version': { edit: replace(/^apiVersion: v1$/m, 'apiVersion: /') },
  'the certificate authority as a list of bytes': { edit: asNumbers() },
  'the certificate authority as a list of bytes, some of them as floats': {
    edit: asNumbers((bytes) => bytes.map((byte, index) => (index % 2 === 0 ? `${byte}.0` : `0x${byte.toString(16)}`))),
  },
  'a client certificate that is an empty list': { user: beside('client-certificate-data: []\nclient-key-data: []') },
  'a missing file first in KUBECONFIG': { kubeconfig: '~/missing:~/config' },
  'an empty file and a device in KUBECONFIG': {
    kubeconfig: '~/empty:/dev/null:~/config',
    files: { empty: '# nothing\n' },
  },
  'two files of which the first defines the user': {
    kubeconfig: '~/first:~/config',
    files: { first: `users:\n- name: local\n  user:\n    exec:\n${OWN.replace(/^(?=.)/gm, '      ')}` },
    user: 'token: x',
  },
  'another context as an argument': {
    edit: replace('current-context: local', 'current-context: other'),
    args: ['--context', 'local'],
  },
  'a cluster entry with the name of another cluster': {
    edit: (text) => text.replaceAll(': local', ': arn:aws:eks:us-west-2:123456789012:cluster/prod'),
  },
  'aws-iam-authenticator': { exec: exec('aws-iam-authenticator', '[token, -i, demo, --region, us-west-2]') },
  'aws-iam-authenticator with a glued option and an empty role': {
    exec: exec('aws-iam-authenticator', '[token, -idemo, --role, "", --region=us-west-2]'),
  },
  'aws-iam-authenticator with options before the subcommand': {
    exec: exec('aws-iam-authenticator', '[-i, demo, --log-format, json, token, --region, us-west-2, --cache]'),
  },
  'env as a wrapper': { exec: exec('env', `[A=b, ${awsArgs().replace('[', 'aws, ')}`) },
  'env that sets the profile': {
    exec: exec('env', `[-u, AWS_ACCESS_KEY_ID, AWS_PROFILE=base, ${awsArgs().replace('[', 'aws, ')}`),
    files: { '.aws/config': CONFIG },
  },
  'env -i with an assignment': {
    exec: exec(
      'env',
      `[-i, HOME=/tmp, "PATH=/usr/bin:/bin", AWS_ACCESS_KEY_ID=AKIDEXAMPLE, AWS_SECRET_ACCESS_KEY=secret-of-AKIDEXAMPLE, AWS_EC2_METADATA_DISABLED=true, HTTPS_PROXY=http://127.0.0.1:1, node, PROGRAM, ${ARGS.slice(1)}`,
    ),
  },
  'env with short options in one word': {
    exec: exec(
      'env',
      `[-vuAWS_ACCESS_KEY_ID, --unse, AWS_SESSION_TOKEN, --, AWS_PROFILE=base, ${awsArgs().replace('[', 'aws, ')}`,
    ),
    files: { '.aws/config': CONFIG },
  },
  'env -S': { exec: exec('env', '[-S, "A=b aws --region us-west-2 eks get-token", --cluster-name, demo]') },
  'env --split-string= after another option': {
    exec: exec('env', '[-u, B, "--split-string=aws --region us-west-2 eks get-token", --cluster-name, demo]'),
  },
  'env with a signal': {
    exec: exec('env', `[--ignore-signal=INT, --default-signal, ${awsArgs().replace('[', 'aws, ')}`),
  },
  nice: { exec: exec('nice', `[-n, "5", ${awsArgs().replace('[', 'aws, ')}`) },
  'nice with a number only': { exec: exec('nice', `["-5", ${awsArgs().replace('[', 'aws, ')}`) },
  'nice --adjustment=': { exec: exec('nice', `[--adjustment=5, nohup, ${awsArgs().replace('[', 'aws, ')}`) },
  timeout: { exec: exec('timeout', `["60", ${awsArgs().replace('[', 'aws, ')}`) },
  'timeout with options': {
    exec: exec('timeout', `[-k, 5s, --signal=TERM, --foreground, 60s, ${awsArgs().replace('[', 'aws, ')}`),
  },
  stdbuf: { exec: exec('stdbuf', `[-oL, ${awsArgs().replace('[', 'aws, ')}`) },
  'setsid --wait': { exec: exec('setsid', `[--wait, ${awsArgs().replace('[', 'aws, ')}`) },
  'sh -c with exec and timeout': {
    exec: exec('sh', '[-c, "exec timeout 60 env A=b aws --region us-west-2 eks get-token --cluster-name demo"]'),
  },
  'an argument just below the limit': { exec: exec('env', `[A=${wide(131_069)}, ${awsArgs().replace('[', 'aws, ')}`) },
  'sh -c': { exec: exec('sh', '[-c, "exec aws --region us-west-2 eks get-token --cluster-name \'demo\'"]') },
  'sh -c with exports': {
    exec: exec('/bin/sh', '[-c, "export AWS_REGION=us-west-2 && aws eks get-token --cluster-name demo"]'),
  },
  'node with a file': { exec: exec('node', `[PROGRAM, ${ARGS.slice(1)}`) },
  'a proxy that is down, which access keys do not need': { env: DEAD_PROXY },
  'a CA bundle that is missing, which access keys do not need': { env: { AWS_CA_BUNDLE: '/missing' } },
  'an STS that refuses only this machine': {
    env: { AWS_ACCESS_KEY_ID: 'AKIDREFUSED', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDREFUSED' },
  },
  'an API server without SelfSubjectReview': { path: '/no-review' },
  'an API server that forbids SelfSubjectReview': { path: '/forbidden-review' },
  'a region of its own for the token': { exec: exec('eks-get-token', '[--cluster-name, demo, --region, eu-west-1]') },
  'no region': { exec: exec('eks-get-token', '[--cluster-name, demo]') },
}

/** Kubeconfigs with which kubectl does not get in, by the check that says why. */
export const OUT: Record<string, Record<string, Row>> = {
  kubeconfig: {
    'a certificate authority that is not PEM': {
      edit: replace(/certificate-authority-data: .*/, 'certificate-authority-data: AAAA'),
    },
    'a number in env': { exec: `${OWN}env: [{name: A, value: 1}]\n` },
    'a boolean in env': { exec: `${OWN}env: [{name: A, value: true}]\n` },
    'a YAML 1.1 boolean in env': { exec: `${OWN}env: [{name: A, value: no}]\n` },
    'a map as env': { exec: `${OWN}env: {A: b}\n` },
    'a list of assignments as env': { exec: `${OWN}env: [A=b]\n` },
    'a number in args': { exec: exec('eks-get-token', '[--cluster-name, demo, --timeout, 60]') },
    'a string as args': { exec: exec('eks-get-token', '--cluster-name demo') },
    'a boolean as text': { cluster: 'insecure-skip-tls-verify: "false"' },
    'provideClusterInfo as text': { exec: `${OWN}provideClusterInfo: "true"\n` },
    'two users of one name': { edit: append('- name: local\n  user: {}\n') },
    'two contexts of one name': { edit: replace('contexts:\n', 'contexts:\n- name: local\n  context: {cluster: a}\n') },
    'two clusters of one name': { edit: replace('clusters:\n', 'clusters:\n- name: local\n  cluster: {server: x}\n') },
    'two entries without a name': { edit: append('- user: {}\n- user: {}\n') },
    'another kind': { edit: replace('kind: Config', 'kind: List') },
    'an apiVersion with a group': { edit: replace(/^apiVersion: v1$/m, 'apiVersion: x/v1') },
    'an apiVersion with a group only': { edit: replace(/^apiVersion: v1$/m, 'apiVersion: v1/') },
    'an apiVersion with two slashes': { edit: replace(/^apiVersion: v1$/m, 'apiVersion: //v1') },
    'a byte that is too large': { edit: asNumbers((bytes) => [256, ...bytes]) },
    'a byte below 0': { edit: asNumbers((bytes) => [-1, ...bytes]) },
    'a byte that is not a whole number': { edit: asNumbers((bytes) => [1.5, ...bytes]) },
    'a byte that is a string': { edit: asNumbers((bytes) => ['"1"', ...bytes]) },
    'a map as bytes': { edit: replace(/authority-data: .*/, 'authority-data: {a: b}') },
    'another apiVersion': { edit: (text) => text.replace(/^apiVersion: v1$/m, 'apiVersion: v2') },
    'a number as the name of the context': { edit: replace('current-context: local', 'current-context: 1') },
    'base64 of another cluster that is invalid': {
      edit: replace('clusters:\n', 'clusters:\n- name: other\n  cluster: {certificate-authority-data: "x!"}\n'),
    },
    'base64 without padding': {
      edit: replace('clusters:\n', 'clusters:\n- name: other\n  cluster: {certificate-authority-data: YQ}\n'),
    },
    'a missing CA file beside CA data': { cluster: 'certificate-authority: missing.pem' },
    'a CA file beside CA data': { cluster: 'certificate-authority: ca.pem' },
    'a missing CA file': {
      edit: (text) => text.replace(/certificate-authority-data: .*/, 'certificate-authority: missing.pem'),
    },
    'a CA file that is not PEM': {
      edit: (text) => text.replace(/certificate-authority-data: .*/, 'certificate-authority: text.pem'),
      files: { 'text.pem': 'the CA of this cluster\n' },
    },
    'a CA file with a damaged certificate': {
      edit: (text) => text.replace(/certificate-authority-data: .*/, 'certificate-authority: damaged.pem'),
      files: { 'damaged.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' },
    },
    'insecure-skip-tls-verify beside CA data': { cluster: 'insecure-skip-tls-verify: true' },
    'a directory first in KUBECONFIG': { kubeconfig: '~/bin:~/config' },
    'a path through a file first in KUBECONFIG': { kubeconfig: '~/config/x:~/config' },
    'an invalid file second in KUBECONFIG': { kubeconfig: '~/config:~/bad', files: { bad: 'users: {}\n' } },
    'only separators in KUBECONFIG': { kubeconfig: ':' },
    'no file of KUBECONFIG': { kubeconfig: '~/missing' },
    'user information in the server': { edit: replace('server: https://', 'server: https://me:secret@') },
    'a server without a scheme': { edit: replace('server: https://', 'server: ') },
    'a server with a blank': { edit: replace(/server: (.*)/, 'server: " $1"') },
    'a server that is null': { edit: replace(/server: .*/, 'server: ~') },
    'a proxy-url of another scheme': { cluster: 'proxy-url: ftp://127.0.0.1:1' },
    'a context that does not exist': { args: ['--context', 'other'] },
    'no current context': { edit: replace('current-context: local\n', '') },
    'a user that does not exist': { edit: replace('    user: local', '    user: other') },
    'a cluster that does not exist': { edit: replace('    cluster: local', '    cluster: other') },
    'an empty file': { edit: () => '' },
    'a list': { edit: () => '- a\n' },
    'a text': { edit: () => 'a\n' },
    'an indentation by tabs': { edit: replace('- name: local\n  user:', '- name: local\n\tuser:') },
    'an unclosed bracket': { edit: append('x: [\n') },
    'an undefined alias': { edit: append('x: *y\n') },
    'another version of YAML': { edit: (text) => `%YAML 1.2\n---\n${text}` },
    'Latin-1': { edit: (text) => Buffer.from(`# é\n${text}`, 'latin1') },
    'a null as a key': { edit: append('~: x\n') },
  },
  exec: {
    'no exec block': { user: '{}' },
    'a token instead of the exec block': { user: 'token: x' },
    'a token beside the exec block': { user: beside('token: x') },
    'a tokenFile beside the exec block': { user: beside('tokenFile: stale'), files: { stale: 'x' } },
    'a tokenFile that is missing': { user: beside('tokenFile: missing') },
    'a tokenFile that is empty': { user: beside('tokenFile: empty'), files: { empty: '' } },
    'a username beside the exec block': { user: beside('username: me\npassword: x') },
    'a client certificate beside the exec block': {
      user: beside('client-certificate-data: CERTIFICATE\nclient-key-data: KEY'),
      edit: (text, { clientCertificate, clientKey }) =>
        text.replace('CERTIFICATE', base64(clientCertificate)).replace('KEY', base64(clientKey)),
    },
    'a client certificate that is not PEM': {
      user: beside(`client-certificate-data: ${base64('x')}\nclient-key-data: ${base64('y')}`),
    },
    'a client certificate with another key': {
      user: beside(`client-certificate-data: CERTIFICATE\nclient-key-data: ${base64('y')}`),
      edit: (text, { clientCertificate }) => text.replace('CERTIFICATE', base64(clientCertificate)),
    },
    'a valid token beside an exec block without a command': besideToken(`apiVersion: ${V1BETA1}\n`),
    'a valid token beside an exec block without an apiVersion': besideToken('command: eks-get-token\n'),
    'a valid token beside v1alpha1': besideToken(OWN.replace('v1beta1', 'v1alpha1')),
    'a valid token beside v1 without interactiveMode': besideToken(OWN.replace('v1beta1', 'v1')),
    'a valid token beside a variable without a name': besideToken(`${OWN}env: [{value: x}]\n`),
    'a client certificate without its key': { user: beside('client-certificate-data: YQ==') },
    'a client certificate that is missing': { user: beside('client-certificate: missing\nclient-key: missing') },
    'a token and a username': { user: beside('token: x\nusername: me') },
    'an auth-provider beside the exec block': { user: beside('auth-provider: {name: oidc}') },
    'a valid token beside an auth-provider without an issuer': besideProvider('{name: oidc}'),
    'a valid token beside an auth-provider without a client': besideProvider(
      '{name: oidc, config: {idp-issuer-url: "https://issuer.example.com"}}',
    ),
    'a valid token beside an auth-provider with a missing CA file': besideProvider(
      oidc('idp-certificate-authority: /missing'),
    ),
    'a valid token beside an auth-provider with CA data that is not base64': besideProvider(
      oidc('idp-certificate-authority-data: "!"'),
    ),
    'a valid token beside an auth-provider with CA data that is not PEM': besideProvider(
      oidc(`idp-certificate-authority-data: ${base64('x')}`),
    ),
    'a valid token beside auth-provider gcp': besideProvider('{name: gcp}'),
    'a valid token beside auth-provider azure': besideProvider('{name: azure, config: {a: b}}'),
    'a valid token beside an auth-provider that does not exist': besideProvider('{name: openstack}'),
    'a valid token beside an auth-provider without a name': besideProvider('{}'),
    'an auth-provider without a token': { user: `auth-provider: ${oidc('')}` },
    'an auth-provider with a token that is not a JWT': { user: `auth-provider: ${oidc('id-token: x')}` },
    'an auth-provider with an expired token': { user: `auth-provider: ${oidc(`id-token: ${jwt({ exp: 1 })}`)}` },
    'an auth-provider with a token that the API server rejects': {
      user: `auth-provider: ${oidc(`id-token: ${jwt({ exp: 99_999_999_999 })}`)}`,
    },
    'an argument that is too large': { exec: exec('eks-get-token', `[--cluster-name, ${wide(131_072)}]`) },
    'as-groups without as': { user: beside('as-groups: [a]') },
    'an exec block without a command': { exec: `apiVersion: ${V1BETA1}\n` },
    'an exec block without an apiVersion': { exec: `command: eks-get-token\nargs: ${ARGS}\n` },
    v1alpha1: { exec: OWN.replace('v1beta1', 'v1alpha1') },
    'v1 without interactiveMode': { exec: OWN.replace('v1beta1', 'v1') },
    'v1 with an empty interactiveMode': { exec: `${OWN.replace('v1beta1', 'v1')}interactiveMode: ""\n` },
    'another interactiveMode': { exec: `${OWN}interactiveMode: Sometimes\n` },
    'interactiveMode Always without a terminal': { exec: `${OWN}interactiveMode: Always\n` },
    'a variable without a name': { exec: `${OWN}env: [{value: x}]\n` },
    'information about the cluster that is too large': {
      exec: `${OWN}provideClusterInfo: true\n`,
      cluster: `extensions: [{name: client.authentication.k8s.io/exec, extension: {x: ${wide(131_000)}}}]`,
    },
    'a variable that is too large': { exec: `${OWN}env: [{name: A, value: ${wide(131_072)}}]\n` },
  },
  command: {
    'a command that is not on PATH': { exec: exec('eks-get-tokn') },
    'a path that does not exist': { exec: exec('./bin/missing') },
    'a directory': { exec: exec('./bin') },
    'a file that is not executable': { exec: exec('./plain'), files: { plain: '#!/bin/sh\n' } },
    'a command in the current directory, by PATH': {
      env: { PATH: '.:/usr/bin:/bin' },
      files: { 'bin/../eks-get-token': '' },
      exec: exec('here'),
    },
    'a script without an interpreter line': {
      exec: exec('./bin/script'),
      files: { 'bin/script': 'exec eks-get-token "$@"\n' },
    },
    'a script with a missing interpreter': { exec: exec('./bin/script'), files: { 'bin/script': '#!/missing/sh\n' } },
    'a script with a carriage return': {
      exec: exec('./bin/script'),
      files: { 'bin/script': '#!/bin/sh\r\nexec eks-get-token "$@"\r\n' },
    },
    'a PATH of the exec block': { exec: exec('plugin', ARGS, 'env: [{name: PATH, value: /tmp}]\n') },
  },
  arguments: {
    '--output text': { exec: exec('aws', awsArgs('--output', 'text')) },
    '--output table': { exec: exec('eks-get-token', '[--cluster-name, demo, --output, table]') },
    '--output yaml-stream': { exec: exec('aws', awsArgs('--output', 'yaml-stream')) },
    '--output off': { exec: exec('aws', awsArgs('--output', '"off"')) },
    'an abbreviated --output text': { exec: exec('aws', awsArgs('--out', 'text')) },
    '--query status.token': { exec: exec('aws', awsArgs('--query', 'status.token')) },
    '--query status': { exec: exec('aws', awsArgs('--query', 'status')) },
    '--no-sign-request': { exec: exec('aws', awsArgs('--no-sign-request')) },
    'an unknown option': { exec: exec('aws', awsArgs('--nope')) },
    'no cluster name': { exec: exec('eks-get-token', '[--region, us-west-2]') },
    'an empty cluster name': { exec: exec('eks-get-token', '[--cluster-name, "", --region, us-west-2]') },
    'an ARN as the name of the cluster': {
      exec: exec('aws', '[eks, get-token, --cluster-name, "arn:aws:eks:us-west-2:123456789012:cluster/demo"]'),
    },
    'another command of the AWS CLI': { exec: exec('aws', '[sts, get-caller-identity]') },
    '--version': { exec: exec('aws', '[--version]') },
    'no arguments': { exec: exec('eks-get-token', '[]') },
    '--token-only of aws-iam-authenticator': { exec: exec('aws-iam-authenticator', '[token, -i, demo, --token-only]') },
    'aws-iam-authenticator without its subcommand': { exec: exec('aws-iam-authenticator', '[-i, demo]') },
    'aws-iam-authenticator without a cluster': { exec: exec('aws-iam-authenticator', '[token]') },
    'env with a program that does not exist': {
      exec: exec('env', '[A=b, ./missing/aws, eks, get-token, --cluster-name, demo]'),
    },
    'env without a command': { exec: exec('env', '[A=b]') },
    'env --version': { exec: exec('env', '[--version]') },
    'env --help before a command': { exec: exec('env', `[--help, ${awsArgs().replace('[', 'aws, ')}`) },
    'env -0 with a command': { exec: exec('env', `["-0", ${awsArgs().replace('[', 'aws, ')}`) },
    'env without arguments': { exec: exec('env', '[]') },
    'nice without a command': { exec: exec('nice', '[-n, "5"]') },
    'timeout without a command': { exec: exec('timeout', '["5"]') },
    'nohup --version': { exec: exec('nohup', '[--version]') },
    'env -i, which removes PATH from what is found in it': {
      exec: exec('env', `[-i, ${awsArgs().replace('[', 'aws, ')}`),
    },
    'sh -c with --output text': { exec: exec('sh', '[-c, "aws eks get-token --cluster-name demo --output text"]') },
    'the name of another cluster': {
      exec: exec('eks-get-token', '[--cluster-name, prod, --region, us-west-2]'),
      edit: (text) => text.replaceAll(': local', ': arn:aws:eks:us-west-2:123456789012:cluster/demo'),
    },
  },
  profile: {
    'a profile that does not exist': { exec: `${OWN}env: [{name: AWS_PROFILE, value: nope}]\n` },
    'a profile of an option that does not exist': { exec: exec('aws', awsArgs('--profile', 'nope')) },
    'an sso-session that does not exist': {
      env: { AWS_PROFILE: 'p' },
      files: { '.aws/config': '[profile p]\nsso_session = nope\n' },
    },
  },
  output: {
    'AWS_DEFAULT_OUTPUT=text': { exec: exec('aws', awsArgs()), env: { AWS_DEFAULT_OUTPUT: 'text' } },
    'AWS_DEFAULT_OUTPUT=table in env': {
      exec: exec('aws', awsArgs(), 'env: [{name: AWS_DEFAULT_OUTPUT, value: table}]\n'),
    },
    'output = text in the profile': {
      exec: exec('aws', awsArgs()),
      files: { '.aws/config': '[default]\noutput = text\n' },
    },
    'an output format that does not exist': { exec: exec('aws', awsArgs()), env: { AWS_DEFAULT_OUTPUT: 'xml' } },
  },
  source: {
    'an access key without its secret': { env: { AWS_SECRET_ACCESS_KEY: '' } },
    'no credentials': { env: NO_KEYS },
  },
  region: {
    'an availability zone': { exec: exec('eks-get-token', '[--cluster-name, demo, --region, us-west-2a]') },
    'a region without hyphens': {
      env: { AWS_REGION: 'uswest2' },
      exec: exec('eks-get-token', '[--cluster-name, demo]'),
    },
  },
  endpoint: {
    'another STS endpoint': { env: { AWS_ENDPOINT_URL_STS: 'https://sts.example.com' } },
    'an endpoint_url in the profile': { files: { '.aws/config': '[default]\nendpoint_url = http://127.0.0.1:1\n' } },
  },
  network: {
    'a proxy that is down, for a role': {
      exec: exec('eks-get-token', `[--cluster-name, demo, --region, us-west-2, --role-arn, "${ROLE}"]`),
      env: DEAD_PROXY,
    },
    'a CA bundle that is missing, for a role': {
      exec: exec('eks-get-token', `[--cluster-name, demo, --region, us-west-2, --role-arn, "${ROLE}"]`),
      env: { AWS_CA_BUNDLE: '/missing' },
    },
  },
  credentials: {
    'credentials that have expired': { env: { AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00Z' } },
    'a role that may not be assumed': {
      exec: exec('eks-get-token', `[--cluster-name, demo, --region, us-west-2, --role-arn, "${ROLE}-denied"]`),
    },
  },
  token: {
    'a session token that is too large': { env: { AWS_SESSION_TOKEN: wide(2700) } },
  },
  sts: {
    'a wrong secret access key': { env: { AWS_SECRET_ACCESS_KEY: 'wrong' } },
    'an unknown access key': {
      env: { AWS_ACCESS_KEY_ID: 'AKIDUNKNOWN', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDUNKNOWN' },
    },
  },
  'api-server': {
    'an http: server': { edit: replace('server: https', 'server: http') },
    'another certificate authority': {
      edit: (text, { otherCa }) =>
        text.replace(/certificate-authority-data: .*/, `certificate-authority-data: ${base64(otherCa)}`),
    },
    'a server that refuses connections': { edit: replace(/server: .*/, 'server: https://127.0.0.1:1') },
    'a tls-server-name that the certificate lacks': { cluster: 'tls-server-name: other' },
    'a proxy-url that is down': { cluster: 'proxy-url: http://127.0.0.1:1' },
    'a socks5 proxy-url that is down': { cluster: 'proxy-url: socks5://127.0.0.1:1' },
  },
  'who-am-i': {
    'an identity without a mapping': {
      env: { AWS_ACCESS_KEY_ID: 'AKIDUNMAPPED', AWS_SECRET_ACCESS_KEY: 'secret-of-AKIDUNMAPPED' },
    },
    'the name of another cluster that nothing reveals': {
      exec: exec('eks-get-token', '[--cluster-name, prod, --region, us-west-2]'),
    },
    'a server that takes everybody for anonymous': { path: '/anonymous' },
    'a server that forbids everything to anonymous': { path: '/anonymous-forbidden' },
    'as a user that the identity may not impersonate': { user: beside('as: root') },
    'a server that fails': { path: '/failing' },
  },
}

/** Wrappers that supply credentials, or that are unknown: doctor cannot know, and warns. */
export const WRAPPERS: Record<string, Row> = {
  'aws-vault': { exec: exec('aws-vault', `[exec, prod, --, aws, ${awsArgs().slice(1)}`), env: NO_KEYS },
  'aws-vault with options': {
    exec: exec('aws-vault', `[exec, --duration=1h, prod, --no-session, --, aws, ${awsArgs().slice(1)}`),
    env: NO_KEYS,
  },
  granted: {
    exec: exec('granted', '[prod, --exec, "aws --region us-west-2 eks get-token --cluster-name demo"]'),
    env: NO_KEYS,
  },
  'op plugin run': { exec: exec('op', `[plugin, run, --, aws, ${awsArgs().slice(1)}`), env: NO_KEYS },
  wsl: { exec: exec('wsl', `[-d, Ubuntu, --, aws, ${awsArgs().slice(1)}`), env: NO_KEYS },
  'a script': { exec: exec('./bin/wrapper', '[]'), env: NO_KEYS },
  'a script with an ARN as the name of the cluster': {
    exec: exec('./bin/wrapper', '[demo]'),
    env: NO_KEYS,
    edit: (text) => text.replaceAll(': local', ': arn:aws:eks:us-west-2:123456789012:cluster/demo'),
  },
  'sh -c with a variable': {
    exec: exec('sh', '[-c, "aws --region us-west-2 eks get-token --cluster-name $CLUSTER"]'),
    env: { CLUSTER: 'demo' },
  },
  'a login shell, which reads startup files': {
    exec: exec('bash', '[-lc, "./bin/aws --region us-west-2 eks get-token --cluster-name demo"]'),
  },
  'node with another script': { exec: exec('node', '[./wrapper.js]'), env: NO_KEYS },
}
