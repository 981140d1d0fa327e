// GraphiQL in Chromium, as the gateway serves it: a person's first minutes.
import test from 'node:test';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { comment, line, newPost, PATIENCE, pause, tokens } from './gateway.mjs';

// No sandbox, as tests may run as root; nothing that the browser would do of its own accord; no name but the gateway's.
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

async function browser(t) {
  const profile = await mkdtemp(join(tmpdir(), 'saas_blog-chromium-'));
  const started = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', userDataDir: profile, args: FLAGS, timeout: PATIENCE,
  });
  t.after(async () => {
    await started.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  return started;
}

/** An empty tab, and all that is wrong with what it shows. */
async function tab(started) {
  const page = await started.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.setViewport({ width: 1280, height: 800 });
  const wrong = [], asked = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`uncaught: ${error.message}`));
  page.on('request', (request) => asked.push(request.url()));
  page.on('requestfailed', (request) => wrong.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`);
  });
  return { page, wrong, asked };
}

/** The text of an editor of Monaco, whose spaces are hard ones. */
const shown = (page) =>
  page.$eval('.result-window .view-lines', (lines) => lines.innerText.replaceAll('\u00a0', ' '));

async function until(page, what) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const text = await shown(page).catch(() => '');
    if (text.includes(what)) return text;
    assert.ok(Date.now() < deadline, `not within ${PATIENCE / 1000} s: ${what}; there is: ${text}`);
    await pause(50);
  }
}

async function run(page) {
  await page.waitForSelector('button.graphiql-execute-button:not([disabled])');
  await page.click('button.graphiql-execute-button');
}

/** Writes into the editor of variables what stands there for nobody. */
async function fillIn(page, variables) {
  await page.click('.graphiql-editor-tool .graphiql-editor:not(.hidden) .monaco-editor');
  await chord(page, 'Control', 'KeyA');
  await page.keyboard.sendCharacter(JSON.stringify(variables));
  // The brackets with which the editor has closed those that were written.
  await chord(page, 'Control', 'Shift', 'End');
  await page.keyboard.press('Delete');
}

async function chord(page, ...keys) {
  for (const key of keys) await page.keyboard.down(key);
  for (const key of keys.reverse()) await page.keyboard.up(key);
}

test('a person opens GraphiQL, asks the first query, and sees a comment come in', { timeout: 5 * PATIENCE }, async (t) => {
  const post = await newPost('demo', 'Shown in GraphiQL');
  await comment('demo', post, 'An old comment');
  const { page, wrong, asked } = await tab(await browser(t));
  const to = await line();
  t.after(to.close);
  const response = await page.goto(`${to.url}/graphql`, { waitUntil: 'networkidle0' });
  assert.match(response.headers()['content-security-policy'], /default-src 'none'; script-src 'self'/);

  t.diagnostic('the schema is there without a token');
  await page.click('button[aria-label="Show Documentation Explorer"]');
  await page.waitForSelector('.graphiql-doc-explorer ::-p-text(Subscription)');
  await page.click('button[aria-label="Hide Documentation Explorer"]');

  t.diagnostic('without a token there is nothing else');
  await run(page);
  await until(page, 'UNAUTHENTICATED');
  // The status of that answer, which the browser writes into the console as well.
  assert.deepEqual(wrong.splice(0).filter((line) => !/\b401\b/.test(line)), []);

  t.diagnostic('the first query, with a token');
  await page.type('.token input', `Bearer ${tokens.demo}`);
  assert.match(await page.$eval('.token output', (output) => output.textContent), /^editor, until /);
  await run(page);
  assert.match(await until(page, 'Shown in GraphiQL'), /"content": "An old comment"/);

  t.diagnostic('a comment that is created elsewhere');
  await page.locator('.graphiql-tab-button ::-p-text(Comments)').click();
  await fillIn(page, { post });
  await run(page);
  for (let n = 0, seen = false; !seen; n++) {
    await comment('demo', post, `Just now ${n}`);
    seen = await Promise.race([until(page, 'Just now').then(() => true, () => false), pause(500)]);
  }
  await comment('demo', post, 'And one more');
  assert.match(await until(page, 'And one more'), /"commentCreated"/);
  await picture(page);

  t.diagnostic('nothing was wrong, nothing came from elsewhere, and the token is kept by this tab alone');
  assert.deepEqual(wrong, []);
  const origins = new Set(asked.filter((url) => !url.startsWith('data:')).map((url) => new URL(url).origin));
  assert.deepEqual([...origins], [to.url]);
  const kept = await page.evaluate(() => [JSON.stringify(localStorage) + document.cookie, JSON.stringify(sessionStorage)]);
  assert.ok(!kept[0].includes(tokens.demo));
  assert.ok(kept[1].includes(tokens.demo));

  t.diagnostic('a comment of a time without a line');
  to.cut();
  await comment('demo', post, 'While nobody was there');
  to.mend();
  await until(page, 'While nobody was there');
});

/** The artefact: what a person sees. */
async function picture(page) {
  const path = process.env.SCREENSHOT;
  if (!path) return;
  await mkdir(dirname(path), { recursive: true });
  await page.screenshot({ path });
}
