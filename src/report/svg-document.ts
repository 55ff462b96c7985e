import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** A plot as an SVG document, black on white. */
export function svgDocument(options: Plot.PlotOptions): string {
  // A document to draw into; its type is that of a browser, which this program does not know.
  const { document } = parseHTML('<html><body></body></html>') as { readonly document?: never };
  const svg = Plot.plot({
    ...(document === undefined ? {} : { document }),
    style: { background: 'white', color: 'black', fontFamily: 'sans-serif' },
    ...options,
  });
  // An image of its own needs the name of its language, which one inside a page does not.
  return svg.outerHTML.replace(/^<svg(?! xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"');
}
