/** Ends with 0 when the service in this container says that it is ready. Docker asks this way, so the image needs no curl. */
const url = `http://127.0.0.1:${process.env.PARTITURA_PORT || '4600'}/health/ready`;

try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  // Docker keeps the last answers: `docker inspect` shows what is not ready.
  console.log(`${answer.status} ${await answer.text()}`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`${url} does not answer: ${String(error)}`);
  process.exitCode = 1;
}
