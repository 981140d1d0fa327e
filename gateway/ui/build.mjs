// Turns src/ and the packages of the lock file into dist/: what the gateway embeds.
import { build } from 'esbuild';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

// Takes the place of dist/ only when all of it is there.
const outdir = 'dist.new';
const common = { bundle: true, minify: true, outdir, logLevel: 'warning', legalComments: 'eof' };
const worthPacking = 1000; // bytes

await rm(outdir, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: ['src/main.jsx'],
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  // Monaco's modules import their styles one by one. GraphiQL's style sheet has them all.
  loader: { '.css': 'empty' },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.USE_IMPORT': '"true"' },
});
await build({ ...common, entryPoints: ['src/main.css', 'src/index.html', 'src/icon.svg'], loader: { '.html': 'copy', '.svg': 'copy' } });
// Workers are classic scripts, as a module is more than older browsers take for one.
await build({
  ...common,
  entryPoints: {
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
  },
  format: 'iife',
});
for (const name of await readdir(outdir)) {
  const content = await readFile(`${outdir}/${name}`);
  if (content.length > worthPacking) await writeFile(`${outdir}/${name}.gz`, gzipSync(content, { level: 9 }));
}
await rm('dist', { recursive: true, force: true });
await rename(outdir, 'dist');
