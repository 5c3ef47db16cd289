/** Whether a host is this machine: `localhost`, an address in 127.0.0.0/8, or `[::1]`, as `URL.hostname` writes them. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
