#!/usr/bin/env node
// Starts the built program, or tells users of an old Node what to do. Plain JavaScript that any Node since 12 can read.
const wanted = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < wanted) {
  process.stderr.write(
    `kube-kg needs Node.js ${wanted} or later; this is ${process.versions.node}.\n` +
      `Install a current Node.js, or run it once with: npx -p node@${wanted} -p kube-kg kube-kg\n`,
  );
  process.exitCode = 2;
} else {
  if (process.argv[2] === 'serve') returnMemory();
  await import('../dist/main.js');
}

/**
 * Has large buffers of a process that is to stay taken from the system and given back to it, one by one: a tenth less memory. The GNU C library
 * reads the setting only when a process starts, so this process becomes that one. Elsewhere it means nothing and nothing is done.
 */
function returnMemory() {
  const setting = 'MALLOC_MMAP_THRESHOLD_';
  const { platform, env, execPath, execArgv, argv, execve } = process;
  if (platform !== 'linux' || env[setting] !== undefined || execve === undefined) return;
  execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [setting]: '32768' });
}
