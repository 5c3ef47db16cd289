import type { Login, SignedIn, SignInContext } from './login.ts'

type SignIn<L extends Login> = (login: L, context: SignInContext) => Promise<SignedIn>

/** How a user signs in, for each kind of login. */
const SIGN_INS: { readonly [Kind in Login['kind']]: SignIn<Extract<Login, { kind: Kind }>> } = {
  sso: async (login, context) => {
    const { signInSso } = await import('./sso.ts')
    return signInSso(login, context)
  },
  console: async (login, context) => {
    const { signInConsole } = await import('./console.ts')
    return signInConsole(login, context)
  },
}

/**
 * Signs the user in, and stores the login where the AWS CLI has it. Also where a good login exists: the user wants a new one.
 * The caller holds the lock of the login file (`loginPath`): a refresh of the previous login must not replace the new one.
 *
 * @throws EksTokenError `ERR_LOGIN` if the user does not sign in, or if the login cannot be stored; `ERR_LOGIN_SETTING`,
 *   `ERR_SERVICE`, `ERR_NETWORK`, `ERR_TIMEOUT`
 */
export function signIn(login: Login, context: SignInContext): Promise<SignedIn> {
  // TypeScript cannot infer that the login and the function have the same kind.
  return (SIGN_INS[login.kind] as SignIn<Login>)(login, context)
}
