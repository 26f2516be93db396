// Imported first by every script: an older Node fails later with errors that name neither the cause nor the remedy.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `Factorlens needs Node.js 20.19 or newer; this is ${process.versions.node} (${process.execPath}).\n` +
      'Install a current Node.js from your system or a version manager, then run the command again.\n',
  );
  process.exit(1);
}
