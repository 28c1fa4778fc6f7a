/** Makes container images from files of this machine: one layer, in the `docker save` format that containerd imports. */
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './runner.ts';

export interface Image {
  readonly name: string;
  /** Path in the image → file of this machine. Made executable. */
  readonly files: Readonly<Record<string, string>>;
  /** Path in the image → where the link points. */
  readonly links?: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/** busybox with all of its commands (sh, httpd, wget, nc, …). Needs Debian's busybox-static, whose `wget -T` crashes: use `timeout 3 wget`. */
export async function busyboxImage(name: string, command: readonly string[]): Promise<Image> {
  const busybox = (await run(['sh', '-c', 'command -v busybox'])).trim();
  const applets = (await run([busybox, '--list'])).trim().split('\n');
  const links = Object.fromEntries(
    applets.filter((applet) => applet !== 'busybox').map((applet) => [`bin/${applet}`, 'busybox']),
  );
  return { name, files: { 'bin/busybox': busybox }, links, command };
}

/** Writes the image as a file below `directory` and returns its path. */
export async function writeImage(directory: string, { name, files, links = {}, command }: Image): Promise<string> {
  const work = join(directory, name.replaceAll(/[/:]/g, '_'));
  const root = join(work, 'root');
  await rm(work, { recursive: true, force: true });
  for (const folder of ['tmp', 'etc']) await mkdir(join(root, folder), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  await writeFile(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await copyFile(source, join(root, path));
  }
  for (const [path, target] of Object.entries(links)) await symlink(target, join(root, path));
  const tar = ['tar', '--owner=0', '--group=0', '--mtime=@0', '--sort=name', '--mode=a+rX,u+w'];
  await run([...tar, '-C', root, '-cf', join(work, 'layer.tar'), '.']);
  const layer = createHash('sha256')
    .update(await readFile(join(work, 'layer.tar')))
    .digest('hex');
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Cmd: command, Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
  await writeFile(join(work, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: ['layer.tar'] }];
  await writeFile(join(work, 'manifest.json'), JSON.stringify(manifest));
  const file = `${work}.tar`;
  await run(['tar', '-C', work, '-cf', file, 'manifest.json', 'config.json', 'layer.tar']);
  await rm(work, { recursive: true });
  return file;
}
