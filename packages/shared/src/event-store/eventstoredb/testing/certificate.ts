import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface MadeCertificate {
  readonly key: Buffer;
  readonly certificate: Buffer;
  /** For `tlsCAFile`: it signs itself. */
  readonly path: string;
  remove(): Promise<void>;
}

/** A key and a certificate for localhost, made by the system's openssl: no key stands in the repository. */
export const makeCertificate = async (): Promise<MadeCertificate> => {
  const directory = await mkdtemp(join(tmpdir(), 'partitura-certificate-'));
  const path = join(directory, 'certificate.pem');
  const keyPath = join(directory, 'key.pem');
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-nodes', '-days', '1', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-keyout', keyPath, '-out', path],
  ]);
  return {
    key: await readFile(keyPath),
    certificate: await readFile(path),
    path,
    remove: () => rm(directory, { recursive: true }),
  };
};
