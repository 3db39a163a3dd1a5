/** A certificate authority of a cluster's own, by the machine's openssl. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';

/** Files in PEM. */
export interface IssuedFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  /** In PEM. */
  readonly certificate: string;
  readonly file: string;
  /** `subject` as openssl wants it, such as `/O=group/CN=name`; `names` as subjectAltName, such as `IP:10.0.0.1`. */
  issue(name: string, subject: string, names?: string): Promise<IssuedFiles>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

export async function createAuthority(folder: string): Promise<Authority> {
  const file = join(folder, 'authority.crt');
  const key = join(folder, 'authority.key');
  await run('openssl', ['req', '-x509', ...newKey, '-subj', '/CN=podgauge-test', '-keyout', key, '-out', file]);
  return {
    certificate: await readFile(file, 'utf8'),
    file,
    async issue(name, subject, names) {
      const issued = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
      const signed = ['-x509', '-CA', file, '-CAkey', key];
      const extensions = ['basicConstraints=critical,CA:FALSE', ...(names === undefined ? [] : [`subjectAltName=${names}`])];
      const files = ['-keyout', issued.key, '-out', issued.certificate];
      await run('openssl', [
        'req',
        ...signed,
        ...newKey,
        '-subj',
        subject,
        ...extensions.flatMap((one) => ['-addext', one]),
        ...files,
      ]);
      return issued;
    },
  };
}
