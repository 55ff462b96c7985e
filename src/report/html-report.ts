import { createHash } from 'node:crypto';

/** What a report shows: the pages' documents, by their keys. */
export interface HtmlReport {
  readonly title: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Key of the page that it opens with. */
  readonly home: string;
  readonly documents: Readonly<Record<string, unknown>>;
}

/** The pages as they were built. */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

/**
 * The pages and what they show as one file, which opens without a server and asks nothing of any. Its policy lets run
 * the one script that it was made with.
 */
export function htmlReport(report: HtmlReport, { script, style }: PageBundle): string {
  const safeScript = insideScript(script);
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(safeScript)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(report.title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This report needs JavaScript.</noscript>
<script type="application/json" id="nas-report">${jsonInsideScript(report)}</script>
<script type="module">${safeScript}</script>
</body>
</html>
`;
}

/** What would end a script or begin a comment in it stands in strings and patterns, where an escape says the same. */
function insideScript(script: string): string {
  return script.replaceAll(/<(?=!--|\/?script)/gi, '\\x3C');
}

function jsonInsideScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
