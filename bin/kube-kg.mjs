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
  await import('../dist/main.js');
}
