/** Certificates for the lab, made when they are needed: one that is good for a year, or that was until last year. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** The least that `openssl ca` wants, which alone can date a certificate back. */
const AUTHORITY = `[ca]
default_ca = self
[self]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;

type Three = [string, string, string];

const made = new Map<string, Certificate>();

/** The same for the same words, for as long as the process lives. */
export function certificateFor(host: string, { expired = false } = {}): Certificate {
  const key = `${host} ${expired}`;
  const certificate = made.get(key) ?? makeCertificate(host, expired);
  made.set(key, certificate);
  return certificate;
}

function makeCertificate(host: string, expired: boolean): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-lab-'));
  try {
    const [key, request, certificate] = ['tls.key', 'request', 'tls.crt'].map((file) => join(folder, file)) as Three;
    const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
    const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    openssl('req', '-new', '-newkey', 'rsa:2048', '-noenc', '-keyout', key, '-out', request, ...names);
    writeFileSync(join(folder, 'ca.cnf'), AUTHORITY);
    writeFileSync(join(folder, 'index'), '');
    writeFileSync(join(folder, 'serial'), '01');
    const times = expired ? ['-startdate', '250101000000Z', '-enddate', '250401000000Z'] : ['-days', '365'];
    const self = ['-config', 'ca.cnf', '-selfsign', '-keyfile', key, '-in', request, '-out', certificate];
    openssl('ca', ...self, ...times, '-batch', '-notext');
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
