/** What the tests use of aws4, which has no types of its own. https://github.com/mhart/aws4 */
declare module 'aws4' {
  interface SignedRequest {
    method: string
    host: string
    path: string
    service: string
    region: string
    headers: Record<string, string>
    /** Puts the signature into the query string, as a presigned URL has it, and not into a header. */
    signQuery: boolean
  }
  interface Credentials {
    accessKeyId: string
    secretAccessKey: string
    sessionToken?: string
  }
  const aws4: { sign(request: SignedRequest, credentials: Credentials): SignedRequest }
  export default aws4
}
