/**
 * Waits until a condition holds, and looks every 20 ms.
 *
 * @throws after 10 s
 */
export async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`not within 10 s: ${holds}`)
}
