import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { embeddedReport, reportSource } from './source/report-source.ts';
import { serverSource } from './source/server-source.ts';
import { SourceContext } from './source/source.ts';

const report = embeddedReport();
const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for itself');

createRoot(root).render(
  <StrictMode>
    <SourceContext value={report === undefined ? serverSource() : reportSource(report)}>
      <App />
    </SourceContext>
  </StrictMode>,
);
